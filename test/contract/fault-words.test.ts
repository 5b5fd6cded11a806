// The sentences that tell what is wrong with a file which somebody has written by hand.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { consentFileSchema } from '../../src/main/contract/consent.ts';
import { parseDocument } from '../../src/main/contract/document.ts';
import { checkedBy } from '../../src/main/contract/fault-words.ts';
import { liveSetup } from '../../src/main/contract/live.ts';
import { manifestSchema, profileSchema } from '../../src/main/contract/manifest.ts';
import { SETUP } from '../fixtures/records.ts';

const A07 = { code: 'A07', scopes: ['analysis'] };

/** JSON of this repository's models. */
const modelFile = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../models/${path}`, import.meta.url), 'utf8')) as Record<string, unknown>;

const faultOf = (schema: z.ZodType, value: unknown): string | null => checkedBy(schema, value).fault;

describe('what is wrong with a consent file', () => {
  it.each([
    [[], 'it must be an object, not a list'],
    [{}, '"participants" is missing'],
    [{ participants: [] }, '"participants" must not be empty'],
    [{ participants: {} }, '"participants" must be a list, not an object'],
    [{ participants: [A07, 'A08'] }, 'participants: the second must be an object, not "A08"'],
    [{ participants: [A07, { scopes: [] }] }, 'participants, second: "code" is missing'],
    [{ participants: [{ ...A07, code: 7 }] }, 'participants, first: "code" must be a text, not 7'],
    [
      { participants: [{ ...A07, code: 'Anna Meier' }] },
      'participants, first: "code" must be a code of letters, digits, dots and dashes',
    ],
    [{ participants: [{ code: 'A07' }] }, 'participants, first: "scopes" is missing'],
    [
      { participants: [{ ...A07, scopes: ['analysis', 'everything'] }] },
      'participants, first, scopes: the second must be "analysis", "identification", "video" or "sharing", not "everything"',
    ],
    [{ participants: [{ ...A07, scope: 1 }] }, 'participants, first: "scope" means nothing here'],
    [{ participants: [A07], who: 1, why: 2 }, '"who" and "why" mean nothing here'],
    [
      { participants: [{ ...A07, retain_until: '31.12.2031' }] },
      'participants, first: "retain_until" must be a date such as 2031-12-31',
    ],
    [{ participants: [{ ...A07, assent: 'yes' }] }, 'participants, first: "assent" must be true or false, not "yes"'],
    [{ participants: [A07, A07] }, '"participants" names a participant twice'],
    [{ form: {}, participants: [A07] }, 'form: "version" is missing'],
    [{ participants: [...Array<unknown>(10).fill(A07), null] }, 'participants: the 11th must be an object, not null'],
  ])('%j', (content, fault) => {
    expect(faultOf(consentFileSchema, content)).toBe(fault);
  });

  it('is nothing where it is right', () => {
    expect(checkedBy(consentFileSchema, { participants: [A07] })).toEqual({
      fault: null,
      data: { participants: [A07] },
    });
  });

  it('is told with the name of the file and what to do', () => {
    const kind = { name: 'The consent file c.json', code: 'usage', remedy: 'Look at it.' } as const;
    const read = (text: string): unknown => parseDocument(text, consentFileSchema, kind);
    expect(() => read('{}')).toThrow('The consent file c.json is not valid: "participants" is missing.');
    expect(() => read('{')).toThrow('The consent file c.json is not JSON.');
    expect(read(`\uFEFF{"participants": [{"code": "A07", "scopes": ["analysis"]}]}`)).toEqual({ participants: [A07] });
  });
});

describe('what is wrong with a profile', () => {
  const profile = modelFile('profiles/mien.json') as { members: object[]; quality: object };
  const none = { anger: 0, contempt: 0, disgust: 0, fear: 0, happiness: 0, neutral: 0, sadness: 0, surprise: 0 };

  it.each([
    [{ name: 'my profile' }, '"name" must be made of letters, digits, - and _'],
    [{ quality: { ...profile.quality, minInside: 1.5 } }, 'quality: "minInside" must be at most 1'],
    [{ quality: { ...profile.quality, minInside: -1 } }, 'quality: "minInside" must be at least 0'],
    [{ identity: { maxDistance: 0 } }, 'identity: "maxDistance" must be more than 0'],
    [{ members: [{ model: 'a', weights: none }] }, '"members" must have a member that weighs something'],
    [
      { tracking: { minDetectionScore: 0.5, detectEveryFrames: 1.5, searchEveryFrames: 1 } },
      'tracking: "detectEveryFrames" must be a whole number, not 1.5',
    ],
    [{ members: [{ model: 'a', weights: { ...none, joy: 1 } }] }, 'members, first, weights: "joy" means nothing here'],
  ])('%j', (changes, fault) => {
    expect(faultOf(profileSchema, { ...profile, ...changes })).toBe(fault);
  });
});

describe('what is wrong with a manifest', () => {
  const manifest = modelFile('manifest.json') as { models: Record<string, Record<string, unknown>> };
  const [id] = Object.keys(manifest.models);
  const withModel = (changes: object): unknown => ({
    ...manifest,
    models: { [id]: { ...manifest.models[id], ...changes } },
  });

  it.each([
    [{ sha256: 'abc' }, '"sha256" must be a sha256 in hexadecimal'],
    [{ file: 'model.bin' }, '"file" must be the path of an .onnx file'],
    [{ origin: { kind: 'found' } }, 'origin: "kind" must be "ours", "converted" or "fetched"'],
    [{ origin: {} }, 'origin: "kind" is missing'],
    [{ crop: undefined }, '"crop" is missing'],
  ])('%j', (changes, fault) => {
    expect(faultOf(manifestSchema, withModel(changes))).toBe(
      `models, ${id}${fault.startsWith('origin') ? ', ' : ': '}${fault}`,
    );
  });

  it('of another version', () => {
    expect(faultOf(manifestSchema, { ...manifest, version: 2 })).toBe('"version" must be 1, not 2');
  });
});

describe('what is wrong with a setup', () => {
  const whole = { name: 'Dyad 7', setup: SETUP, form: { version: '1' }, participants: [A07] };

  it.each([
    [{ name: 'n'.repeat(81) }, '"name" must have at most 80 characters'],
    [{ name: ' ' }, '"name" must not be empty'],
    [{ setup: { ...SETUP, project: '' } }, 'setup: "project" must not be empty'],
    [
      { setup: { ...SETUP, purpose: 'education' } },
      'setup: "grounds" are needed at the workplace and in education, and nowhere else',
    ],
    [
      { participants: Array.from({ length: 17 }, (_, i) => ({ ...A07, code: `A${i}` })) },
      '"participants" must have at most 16 entries',
    ],
  ])('%j', (changes, fault) => {
    expect(faultOf(liveSetup, { ...whole, ...changes })).toBe(fault);
  });
});

it('is something, whatever a schema asks for', () => {
  expect(faultOf(z.union([z.string(), z.number()]), true)).toBe('it is not written as it must be');
  expect(faultOf(z.strictObject({ texts: z.array(z.string()).min(2) }), { texts: ['a'] })).toBe(
    '"texts" must have at least 2 entries',
  );
  expect(faultOf(z.strictObject({ text: z.string().max(1) }), { text: 'ab' })).toBe(
    '"text" must have at most 1 character',
  );
  expect(faultOf(z.strictObject({ text: z.number().lt(3) }), { text: 3 })).toBe('"text" must be less than 3');
  expect(faultOf(z.strictObject({ text: z.string() }), { text: undefined })).toBe('"text" is missing');
  expect(faultOf(z.strictObject({ flag: z.boolean() }), { flag: 'x'.repeat(41) })).toBe(
    '"flag" must be true or false, not a text',
  );
});
