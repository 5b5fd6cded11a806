/** A stretch of a session, in seconds on its clock; of pictures, in their numbers. */
export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}
