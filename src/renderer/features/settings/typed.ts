// What is typed into the fields of the settings; undefined for what cannot be meant.
import { settings, type Settings } from '../../../main/contract/settings.ts';

const { intervalSeconds, retentionDays } = settings.shape;

/** Nothing is the usual folder. */
export const folderIn = (text: string): Settings['exportFolder'] => text.trim() || null;

/** Nothing is no plan. */
export function daysIn(text: string): Settings['retentionDays'] | undefined {
  return retentionDays.safeParse(text.trim() === '' ? null : Number(text)).data;
}

/** Seconds; a comma may stand for the point. */
export function intervalIn(text: string): number | undefined {
  return intervalSeconds.safeParse(Number(text.replace(',', '.'))).data;
}
