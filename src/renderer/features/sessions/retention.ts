// Whether sessions are kept longer than somebody has planned. Nothing is erased for it.

const DAY_MS = 86_400_000;

/** Whether a session that was made then is older than so many days; never without a plan. */
export const isOverdue = (createdUnixMs: number, retentionDays: number | null, nowUnixMs: number): boolean =>
  retentionDays !== null && nowUnixMs - createdUnixMs > retentionDays * DAY_MS;
