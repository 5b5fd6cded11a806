/** Of a span that is selected by keyboard or in numbers. */
export const SPAN_WORDS = {
  from: 'From',
  to: 'To',
  set: 'Select',
  timeHelp: 'h:mm:ss.s, for example 0:01:05.5',
  pictureHelp: 'numbers of pictures',
  badTime: 'Times look like 0:01:05.5, and “To” comes after “From”.',
  badPicture: 'Give two numbers of pictures, the larger one last.',
  none: 'No span is selected.',
  selected: (span: string): string => `Selected: ${span}`,
} as const;
