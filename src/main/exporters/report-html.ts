// A report to read and print: one file that needs no other, with a picture and the figures of every person, what was left out and
// why, and a paragraph on methods to copy.
import { LINE_STYLES } from '../contract/palette.ts';
import {
  CAUTION,
  EXPRESSION_WORDS,
  LEAST_VALID_SHARE,
  LOW_VALID,
  NOT_CORRECTED,
  REASON_WORDS,
} from '../contract/words.ts';
import { EXPRESSIONS } from '../core/expression.ts';
import type { SpanFigures } from '../core/level-sums.ts';
import { TimelineColumns } from '../core/levels.ts';
import { LossCollector } from '../core/losses.ts';
import { MISSING_REASONS } from '../core/record.ts';
import { personLabel, type TimelineRow } from '../core/timeline.ts';
import type { Person } from '../core/persons.ts';
import type { ExportContext, Exporter } from '../engine/ports.ts';
import { rejectionSentence, rejectionsIn } from './rejections.ts';
import { methodsOf } from './report-methods.ts';
import { timelinePicture, type Stretch } from './report-picture.ts';
import { clock, escaped, percent } from './text.ts';

/** Steps of a line: more than these are no longer seen on paper. */
const STEPS = 1200;

export const reportHtml: Exporter = {
  format: 'report',
  ending: '.report.html',
  columns: () => ({}),
  open(context) {
    const report = new Report(context);
    return {
      head: '',
      add(row) {
        report.add(row);
        return '';
      },
      end: () => report.html(),
    };
  },
};

interface PersonColumns {
  readonly person: Person;
  readonly columns: TimelineColumns;
}

class Report {
  readonly #context: ExportContext;
  readonly #persons = new Map<number, PersonColumns>();
  #fromSeconds = Infinity;
  #toSeconds = -Infinity;
  readonly #losses = new LossCollector();

  constructor(context: ExportContext) {
    this.#context = context;
  }

  add(row: TimelineRow): void {
    const { frame, person } = row;
    const atSeconds = Number.isNaN(row.tSeconds) ? frame.sequence : row.tSeconds;
    const lasts = Number.isNaN(row.tSeconds) ? 1 : row.durationSeconds || 0;
    this.#fromSeconds = Math.min(this.#fromSeconds, atSeconds);
    this.#toSeconds = Math.max(this.#toSeconds, atSeconds + lasts);
    this.#losses.add(row);
    if (!person) return;
    const known = this.#persons.get(person.id) ?? { person, columns: new TimelineColumns() };
    this.#persons.set(person.id, known);
    known.columns.add(row);
  }

  html(): string {
    const { session, notes } = this.#context;
    const persons = [...this.#persons.values()].sort((p, q) => p.person.id - q.person.id);
    const isTimed = session.source.kind !== 'pictures';
    const stretch: Stretch = {
      fromSeconds: this.#fromSeconds,
      toSeconds: Math.max(this.#toSeconds, this.#fromSeconds + 1e-3),
      label: isTimed ? clock : (number) => `picture ${Math.round(number)}`,
      markers: isTimed ? notes.markers : [],
    };
    const title = `Expression scores: ${session.code}`;
    const facts = [
      session.source.name,
      `${session.frames} ${isTimed ? 'frames' : 'pictures'}`,
      ...(isTimed && persons.length > 0 ? [clock(stretch.toSeconds - stretch.fromSeconds)] : []),
      ...(session.state === 'complete' ? [] : ['broken off before its end']),
      `session ${session.id}`,
    ];
    const rejected = rejectionsIn(this.#context).map(rejectionSentence);
    return [
      '<!doctype html>',
      `<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
      `<style>${STYLE}</style></head><body>`,
      `<h1>${escaped(title)}</h1><p>${escaped(facts.join(', '))}</p><p class="caution">${CAUTION}</p>`,
      ...(persons.length > 0 ? [legend()] : ['<p>Nobody was seen.</p>']),
      ...persons.map((person) => sectionOf(person, stretch, isTimed)),
      ...(persons.length > 1 ? [`<p>${NOT_CORRECTED}</p>`] : []),
      ...(rejected.length > 0 ? [`<h2>Rejected by depth</h2>${list(rejected)}`] : []),
      ...(session.problems.length > 0 ? [`<h2>Problems</h2>${list(session.problems)}`] : []),
      '<h2>Methods, to copy</h2>',
      ...methodsOf(this.#context, this.#losses).map((paragraph) => `<p>${escaped(paragraph)}</p>`),
      '</body></html>\n',
    ].join('\n');
  }
}

function sectionOf({ person, columns }: PersonColumns, stretch: Stretch, isTimed: boolean): string {
  const levels = columns.finish();
  const figures = levels.figures(-Infinity, Infinity);
  const name = escaped(person.participant ? `${person.participant} (${personLabel(person)})` : personLabel(person));
  const { rows, valid, validSeconds } = figures;
  const time = isTimed ? `, ${clock(validSeconds)} of valid time` : '';
  const reasons = MISSING_REASONS.flatMap((reason, i) =>
    figures.missing[i] > 0 ? [`${REASON_WORDS[reason]}: ${figures.missing[i]}`] : [],
  );
  const steps = levels.steps(stretch.fromSeconds, stretch.toSeconds, STEPS);
  return [
    `<section><h2>${name}</h2>`,
    `<p>${valid} of ${rows} rows valid (${percent(valid / rows)})${time}; the face was found in ${figures.facesFound}.</p>`,
    ...(valid < LEAST_VALID_SHARE * rows ? [`<p class="warning">⚠ ${LOW_VALID}</p>`] : []),
    timelinePicture(steps, stretch, `Scores of ${name} over time`),
    tableOf(figures, isTimed),
    ...(reasons.length > 0 ? [`<h3>Rows that do not count, by reason</h3>${list(reasons)}`] : []),
    '</section>',
  ].join('\n');
}

function tableOf({ mean, dominantShare, valid }: SpanFigures, isTimed: boolean): string {
  const of = isTimed ? 'valid time' : 'valid pictures';
  const rows = EXPRESSIONS.map((name, e) => {
    const cells =
      valid > 0 && Number.isNaN(mean[e])
        ? '<td colspan="2">not measured by this profile</td>'
        : `<td>${Number.isNaN(mean[e]) ? '–' : mean[e].toFixed(3)}</td><td>${percent(dominantShare[e])}</td>`;
    return `<tr><th scope="row">${EXPRESSION_WORDS[name]}</th>${cells}</tr>`;
  });
  return (
    `<table><thead><tr><th scope="col">Expression</th><th scope="col">Mean score (model) over ${of}</th>` +
    `<th scope="col">Dominant, share of ${of}</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  );
}

function legend(): string {
  const items = EXPRESSIONS.map((name) => {
    const { color, dash } = LINE_STYLES[name];
    const line = `<line x1="0" x2="24" y1="4" y2="4" stroke="${color}" stroke-width="3" stroke-dasharray="${dash.join(' ')}"/>`;
    return `<li><svg class="swatch" viewBox="0 0 24 8">${line}</svg> ${EXPRESSION_WORDS[name]}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul><p>Upper band: confirmed expression. Lower band: high where rows are valid.</p>`;
}

const list = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;

const STYLE = `
body{font:14px/1.45 system-ui,sans-serif;color:#1b2430;max-width:980px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:1.6rem 0 .4rem}h3{font-size:1rem}
section{break-inside:avoid}svg{width:100%;font-size:11px}svg text{fill:#566170}
.grid{stroke:#d5dae1}.lines path{fill:none;stroke-width:1.4}.valid{fill:#2f7d6b}.missing{fill:#9aa3ae}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;list-style:none}.swatch{width:24px;height:8px}
table{border-collapse:collapse}th,td{border-bottom:1px solid #d5dae1;padding:.2rem .8rem;text-align:right;font-weight:400}
th:first-child{text-align:left}thead th{color:#566170}
.warning{color:#8a4b00;background:#fff3df;padding:.4rem .7rem}.caution{font-weight:600}
`.trim();
