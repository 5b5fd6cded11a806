// Names of sessions, from which their files are named.

/** Bytes of a file's name: a disk takes 255, and endings follow. */
const LONGEST_CODE = 200;

/** A name that every disk takes, and the first of it with a number behind that is not taken. */
export function freeCode(wanted: string, isTaken: (code: string) => boolean): string {
  let base =
    wanted
      .normalize('NFC')
      .replace(/[^\p{L}\p{M}\p{N}._ -]/gu, '_')
      .replace(/^[. ]+/, '') || 'session'; // no hidden files
  while (Buffer.byteLength(base) > LONGEST_CODE) base = base.slice(0, -1);
  let code = base;
  for (let i = 2; isTaken(code); i++) code = `${base}-${i}`;
  return code;
}
