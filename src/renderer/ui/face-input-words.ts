/** Of the small pictures that show what the networks are given. */
export const FACE_INPUT_WORDS = {
  show: 'What the networks see',
  of: (model: string, who: string): string => `What the network ${model} sees of ${who}`,
  size: (width: number, height: number, isGray: boolean): string => `${width} × ${height}${isGray ? ', grey' : ''}`,
  waiting: 'Waiting for the next frame …',
} as const;
