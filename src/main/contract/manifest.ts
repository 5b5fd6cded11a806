// models/manifest.json and models/profiles/*.json: what they may say, checked when they are read.
import { z } from 'zod';
import { EXPRESSIONS, expressionOf } from '../core/expression.ts';
import type { Profile } from '../core/profile.ts';
import { PUBLISHED_PARAMETERS, RULES, RULE_PARAMETERS, type RuleParameters } from '../core/refine.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 in hexadecimal');
const gitBlob = z.string().regex(/^[0-9a-f]{40}$/, 'must be the id of a git blob in hexadecimal');
const size = z.int().min(8);
const share = z.number().min(0).max(1);

const tensor = z
  .strictObject({
    name: z.string(),
    width: size,
    height: size,
    color: z.enum(['rgb', 'gray']),
    mean: z.array(z.number()),
    std: z.array(z.number().positive()),
  })
  .refine(({ color, mean, std }) => [mean, std].every((v) => v.length === (color === 'rgb' ? 3 : 1)), {
    error: 'must have one value for each channel in mean and std',
  });

const expressionLabel = z.string().refine((label) => expressionOf(label) !== null, { error: 'is no expression' });

const modelFields = z.strictObject({
  /** Path below models/, or of one that is fetched below models/ of the data folder. */
  file: z.string().regex(/^[\w./-]+\.onnx$/, 'must be the path of an .onnx file'),
  /** Null where only the git blob of a fetched file is known. */
  sha256: hash.nullable(),
  origin: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('ours'), training: z.string() }),
    z.strictObject({
      kind: z.literal('converted'),
      converter: z.string(),
      package: z.string(),
      version: z.string(),
      /** Files of the package and their sha256. */
      files: z.record(z.string(), hash),
    }),
    z.strictObject({
      kind: z.literal('fetched'),
      /** Models that belong together are fetched by one name. */
      set: z.string(),
      /** Address of one version of the file, which never changes. */
      url: z.url({ protocol: /^https$/, error: 'must be an https address' }),
      /** Length of the file, where it is known. */
      bytes: z.int().positive().nullable(),
      /** SHA-1 of "blob ", the length of the file, a zero byte and the file; null where it is not known. */
      gitBlob: gitBlob.nullable(),
    }),
  ]),
  licence: z.string(),
  input: tensor,
  /** How a face is cut: see core/landmarks.ts, faceCropRegion. */
  crop: z.strictObject({ scale: z.number().positive(), down: z.number() }).nullable(),
  /** Length of each output for one picture. */
  outputs: z.record(z.string(), z.int().positive()),
  expression: z
    .strictObject({
      name: z.string(),
      labels: z.array(expressionLabel),
      kind: z.enum(['logits', 'probabilities']),
      temperature: z.number().positive(),
    })
    .nullable(),
  /** What it was measured to do, in words and figures. */
  measured: z.string(),
});

const model = modelFields
  .refine(({ sha256, origin }) => sha256 ?? (origin.kind === 'fetched' && origin.gitBlob), {
    error: 'must have a sha256, or a git blob where it is fetched',
  })
  .refine(({ crop, expression }) => !expression || crop, { error: 'must have a crop, because it has an expression' })
  .refine(({ outputs, expression }) => !expression || outputs[expression.name] === expression.labels.length, {
    error: 'must have one label for each value of its expression output',
  })
  .refine(
    ({ expression }) => !expression || new Set(expression.labels.map(expressionOf)).size === expression.labels.length,
    {
      error: 'has two labels that mean the same expression',
    },
  );

export const manifestSchema = z.strictObject({ version: z.literal(1), models: z.record(z.string(), model) });

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestModel = z.infer<typeof model>;

const weights = z.record(z.enum(EXPRESSIONS), z.number().min(0));
/** Within what float32 can bear. */
const temperature = z.number().min(0.05).max(20).default(1);

/** Each within the range in which it is searched; the published value where it is not named. */
const ruleParameters: z.ZodType<RuleParameters> = z.strictObject(
  Object.fromEntries(
    Object.entries(RULE_PARAMETERS).map(([name, { least, most, default: published }]) => [
      name,
      z.number().min(least).max(most).default(published),
    ]),
  ) as Record<keyof RuleParameters, z.ZodDefault<z.ZodNumber>>,
);

const rules = z
  .strictObject({
    active: z
      .array(z.enum(RULES))
      .refine((all) => new Set(all).size === all.length, { error: 'names a rule twice' })
      .default([]),
    parameters: ruleParameters.default(PUBLISHED_PARAMETERS),
  })
  .default({ active: [], parameters: PUBLISHED_PARAMETERS });

const frames = z.int().min(1).max(1000);

const window = z
  .strictObject({
    smoothing: z.enum(['mean', 'exponential']).default('mean'),
    smoothingMs: z.number().positive(),
    confirmationMs: z.number().positive(),
    confirmationShare: share,
    restartMs: z.number().positive(),
    persistenceMs: z.number().min(0).max(10_000).default(0),
    frames: z.strictObject({ smoothing: frames, confirmation: frames }).nullable().default(null),
  })
  .refine((options) => options.frames === null || options.smoothing === 'mean', {
    path: ['smoothing'],
    error: 'cannot be exponential where frames are counted',
  });

/** What a profile does not say of scoring and of windows is as it was before profiles could say it. */
export const profileSchema: z.ZodType<Profile> = z.strictObject({
  name: z.string().regex(/^[\w-]+$/, 'must be made of letters, digits, - and _'),
  description: z.string(),
  lighting: z.literal('clahe').nullable().exactOptional(),
  vision: z.strictObject({ detector: z.string(), mesh: z.string(), occlusion: z.string(), embedder: z.string() }),
  members: z
    .array(z.strictObject({ model: z.string(), weights, temperature }))
    .min(1)
    .refine((all) => all.some((m) => Object.values(m.weights).some((w) => w > 0)), {
      error: 'must have a member that weighs something',
    }),
  override: z.boolean().default(false),
  rules,
  temperature,
  contempt: z.boolean().default(true),
  reject: z.number().min(0).max(100).nullable().default(null),
  tracking: z.strictObject({
    minDetectionScore: share,
    detectEveryFrames: z.int().positive(),
    searchEveryFrames: z.int().positive(),
  }),
  quality: z.strictObject({
    minInterocularPx: z.number(),
    minInside: share,
    maxOcclusion: share,
    minTrackScore: share,
    minBrightness: z.number(),
    maxBrightness: z.number(),
    maxClipped: share,
    minSharpness: z.number(),
    maxYawDeg: z.number(),
    maxPitchUpDeg: z.number(),
    maxPitchDownDeg: z.number(),
  }),
  identity: z.strictObject({
    maxDistance: z.number().positive(),
    checkEveryFrames: z.int().positive(),
    minConfidence: share,
  }),
  window,
  ambiguity: z.strictObject({ gap: z.number(), least: z.number() }),
});
