// The texts of the settings and of the first screens; words.ts has all others.
import { CAUTION } from '../../main/contract/words.ts';

/** A key or several, and what it does. */
interface KeyWords {
  readonly keys: readonly string[];
  readonly does: string;
}

export const SETTINGS_WORDS = {
  title: 'Settings',
  help: 'Every change is kept at once, for all windows on this data folder.',
  saved: 'Saved.',
  overdue: 'kept longer than planned',
  folders: 'Folders',
  dataFolder: 'Data',
  dataFolderHelp: 'Sessions and settings are here. Start Mien with --data, or set MIEN_DATA, for another folder.',
  exportFolder: 'Folder of exports',
  exportFolderHelp: 'A whole path. It is made when it is needed. Empty for the usual folder.',
  exports: 'Exports',
  interval: 'Length of the intervals of the summary, seconds',
  keepInvalid: 'Write the values of rows that are not valid too',
  exportsHelp: 'What every export begins with; each can be different.',
  recording: 'Recording',
  markerLabels: 'Marker labels, separated by commas',
  markerLabelsHelp: 'At most nine: keys 1 to 9 set them. A recording can have others.',
  retention: 'Keep sessions for so many days',
  retentionHelp:
    'Older ones are pointed out in the list of sessions. Nothing is erased by itself. Empty for as long as you like.',
  appearance: 'Appearance',
  appearances: { system: 'As the system has it', light: 'Light', dark: 'Dark' },
  keys: 'Keys',
  key: 'Key',
  does: 'What it does',
  or: 'or',
  keyMap: [
    {
      place: 'While recording',
      keys: [{ keys: ['1 – 9'], does: 'set the marker with that label, at the moment of the key' }],
    },
    {
      place: 'In the timeline of a session',
      keys: [
        { keys: ['+', '='], does: 'shows less time, larger' },
        { keys: ['−'], does: 'shows more time' },
        { keys: ['M'], does: 'sets a marker where the mouse points, or in the middle' },
        { keys: ['←', '→'], does: 'moves in time' },
        { keys: ['Home', 'End'], does: 'goes to the beginning or the end' },
        { keys: ['Shift ←', 'Shift →'], does: 'selects a span, from the mouse or the middle on' },
        { keys: ['Shift Home', 'Shift End'], does: 'selects from there to the beginning or the end' },
        { keys: ['Esc'], does: 'selects nothing and shows everything' },
      ],
    },
    {
      place: 'In a dialog',
      keys: [
        { keys: ['Esc'], does: 'closes it' },
        { keys: ['←', '→'], does: 'turns the pages of the introduction' },
      ],
    },
    {
      place: 'Everywhere',
      keys: [
        { keys: ['Tab', 'Shift Tab'], does: 'goes to the next or the previous thing that can be used' },
        { keys: ['Enter', 'Space'], does: 'presses the button that has the frame around it' },
      ],
    },
  ] as readonly { readonly place: string; readonly keys: readonly KeyWords[] }[],
  about: 'About',
  version: 'Version',
  licence: 'Licence',
  licenceText:
    'MIT. The decoder of films (node-av) contains a GPL build of FFmpeg: a bundle of Mien with it is, as a whole, GPL-3.0-or-later.',
  notices: 'Software and networks by others',
  noticesHelp: 'What is shipped with Mien, or built into it, and under which licence.',
  package: 'Name',
  text: (name: string): string => `Licence of ${name}`,
  loading: 'Reading the list …',
  introduce: 'Show the introduction again',
  problems: {
    interval: 'Give a number of seconds above 0, at most 86,400 (a day).',
    retention: 'Give a whole number of days above 0, at most 36,500, or nothing.',
  },
} as const;

export const INTRODUCTION_WORDS = {
  title: 'Introduction',
  skip: 'Skip',
  back: 'Back',
  next: 'Next',
  done: 'Begin',
  step: (position: number, of: number): string => `${position} of ${of}`,
  score: {
    title: 'What a score is, and what it is not',
    texts: [
      CAUTION,
      'A score of 0.80 for happiness means that this face, in this frame, looks to the model much like faces that people have called happy. It is no measure of a feeling, and no diagnosis.',
      'Faces differ, and so do light and angle. Compare a person with himself or herself before you compare people.',
    ],
    picture: {
      looks: 'looks like',
      scores: ['Happiness 0.80', 'Neutral 0.15', 'Others 0.05'],
      feels: 'not: what is felt',
    },
  },
  consent: {
    title: 'Consent first',
    texts: [
      'An expression is computed only of people who have agreed to analysis, and nobody is recognised who has not agreed to that. Everybody else is a box and nothing more.',
      'Numbers are kept, a video only where everybody has agreed to one, and no sound. Nothing leaves this machine.',
      'Consent can be taken back at any time, while recording too. Nothing more is computed from then on.',
    ],
    picture: { agreed: 'has agreed', others: 'everybody else', machine: 'your machine' },
  },
  way: {
    title: 'How a recording goes',
    texts: ['Files that you have already are analysed under “Analyse files”, without a camera.'],
    steps: [
      ['Set up', 'Say what the recording is for, who takes part and who agreed to what.'],
      ['Assign', 'Say whose face is whose before you record.'],
      ['Record', 'Scores are hidden meanwhile, so that nobody reads them off the screen.'],
      ['Mark', 'Keys 1 to 9 mark what happens when it happens.'],
      ['Review', 'Look at the scores over time, and at how much of them is valid.'],
      ['Export', 'Tables, and a report to read and print.'],
    ],
  },
} as const;
