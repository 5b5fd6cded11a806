// Files that people write by hand: what is wrong with one is said in words, with the place.
import type { z } from 'zod';
import { MienError, type ErrorCode } from './errors.ts';
import { checkedBy } from './fault-words.ts';

export interface DocumentKind {
  /** Beginning of the message, such as: The profile "mien" */
  readonly name: string;
  readonly code: ErrorCode;
  readonly remedy: string;
}

/** Reads the text of a JSON file that must fit a schema. Throws an error of the given kind that names the first fault. */
export function parseDocument<T>(text: string, schema: z.ZodType<T>, { name, code, remedy }: DocumentKind): T {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, '')); // some editors on Windows put a mark in front
  } catch (cause) {
    throw new MienError(code, `${name} is not JSON.`, remedy, { cause });
  }
  const checked = checkedBy(schema, content);
  if (checked.fault === null) return checked.data;
  throw new MienError(code, `${name} is not valid: ${checked.fault}.`, remedy);
}
