import { createHash } from 'node:crypto';

/** A hash of anything that JSON can hold, the same for the same content whatever the order of its keys. */
export function contentHash(value: unknown): string {
  const sorted = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(sorted);
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(
      Object.entries(v)
        .sort()
        .map(([key, inner]) => [key, sorted(inner)]),
    );
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}
