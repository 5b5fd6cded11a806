import type { Exporter } from '../engine/ports.ts';
import { intervalsCsv } from './intervals-csv.ts';
import { jsonLines } from './json-lines.ts';
import { longCsv } from './long-csv.ts';
import { markersCsv } from './markers-csv.ts';
import { reportHtml } from './report-html.ts';
import { wideCsv } from './wide-csv.ts';

/** All formats, in the order in which they are offered. */
export const EXPORTERS: readonly Exporter[] = [wideCsv, longCsv, jsonLines, intervalsCsv, markersCsv, reportHtml];
