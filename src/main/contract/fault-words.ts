// What is wrong with something that must fit a schema, in plain words: where it is, and what is the matter with it. A schema that
// knows more than these words says it itself, as the rest of a sentence that begins with the name of the field.
import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};

/** What does not fit, if anything: `fault` is a sentence without a full stop, such as: participants, second: "code" is missing. */
export type Checked<T> = { readonly fault: null; readonly data: T } | { readonly fault: string };

/** Checks a value against a schema; of several faults the first one is told. */
export function checkedBy<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value, { error: problemOf });
  if (parsed.success) return { fault: null, data: parsed.data };
  const [issue] = parsed.error.issues;
  return { fault: issue.code === 'unrecognized_keys' ? within(issue.path) + issue.message : sentenceOf(issue) };
}

function sentenceOf({ path, message }: z.core.$ZodIssue): string {
  const last = path.at(-1);
  if (last === undefined) return `it ${message}`;
  const subject = typeof last === 'number' ? `the ${ordinal(last)}` : `"${String(last)}"`;
  return `${within(path.slice(0, -1))}${subject} ${message}`;
}

/** Where something is, with a colon behind it: "participants, second: ". */
function within(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? ordinal(step) : String(step)));
  return steps.length > 0 ? `${steps.join(', ')}: ` : '';
}

/** `index` counts from 0. */
const ordinal = (index: number): string => ORDINALS[index] ?? `${index + 1}th`;

/** The rest of a sentence that begins with the name of the field. */
function problemOf(issue: Issue): string {
  const { code, input } = issue;
  if (code === 'unrecognized_keys')
    return `${listOf(issue.keys, 'and')} ${issue.keys.length > 1 ? 'mean' : 'means'} nothing here`;
  if (input === undefined || isUndecided(issue)) return 'is missing';
  if (code === 'invalid_type') return `must be ${KINDS[issue.expected] ?? issue.expected}, not ${kindOf(input)}`;
  if (code === 'invalid_value') return `must be ${listOf(issue.values, 'or')}, not ${kindOf(input)}`;
  if (code === 'too_small') return least(issue.origin, Number(issue.minimum), issue.inclusive ?? true);
  if (code === 'too_big') return most(issue.origin, Number(issue.maximum), issue.inclusive ?? true);
  if (code === 'invalid_format' && issue.format === 'date') return 'must be a date such as 2031-12-31';
  if (code === 'invalid_union' && Array.isArray(issue.options)) return `must be ${listOf(issue.options, 'or')}`;
  return 'is not written as it must be';
}

/** Whether the field that says which of several kinds an object is of is not there. */
function isUndecided({ code, discriminator, input }: Issue): boolean {
  if (code !== 'invalid_union' || typeof discriminator !== 'string') return false;
  return typeof input === 'object' && input !== null && !(discriminator in input);
}

/** A value in few words: short texts and numbers as they are. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return KINDS.array;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && value.length <= 40) return JSON.stringify(value);
  return KINDS[typeof value] ?? typeof value;
}

/** "a", "b" or "c"; numbers without marks. */
function listOf(values: readonly unknown[], joint: string): string {
  const words = values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value)));
  const last = words.pop() ?? '';
  return words.length > 0 ? `${words.join(', ')} ${joint} ${last}` : last;
}

function least(origin: string, minimum: number, inclusive: boolean): string {
  if (origin === 'string' || origin === 'array')
    return minimum === 1 ? 'must not be empty' : `must have at least ${sizeOf(origin, minimum)}`;
  return inclusive ? `must be at least ${minimum}` : `must be more than ${minimum}`;
}

function most(origin: string, maximum: number, inclusive: boolean): string {
  if (origin === 'string' || origin === 'array') return `must have at most ${sizeOf(origin, maximum)}`;
  return inclusive ? `must be at most ${maximum}` : `must be less than ${maximum}`;
}

const sizeOf = (origin: string, size: number): string =>
  origin === 'string'
    ? `${size} ${size === 1 ? 'character' : 'characters'}`
    : `${size} ${size === 1 ? 'entry' : 'entries'}`;
