// An evaluation as a page that needs no other file: figures, the confusion matrix, the reliability curve and the surest mistakes.
import type { ProfileEvaluation, Mistake } from './run.ts';
import { EXPRESSION_WORDS } from '../../contract/words.ts';
import type { Evaluation, MainFigures } from '../../science/evaluation.ts';
import type { Interval } from '../../science/statistics.ts';
import { escaped, percent } from '../../exporters/text.ts';

const CELL = 64;
const SIDE = 300;
const MARGIN = 44;

/** Pictures of mistakes as data addresses, by name; empty where they are not to be shown. */
export type Pictures = ReadonlyMap<string, string>;

export function evaluationHtml(evaluation: ProfileEvaluation, pictures: Pictures): string {
  const { dataset, split, profile, program_version, contempt, crops, flip } = evaluation;
  const title = `Evaluation of the profile ${profile} on ${dataset}${split === null ? '' : `, ${split}`}`;
  const how = [
    crops
      ? 'Pictures were taken as faces from edge to edge.'
      : 'Faces were looked for in whole pictures; the largest one is meant.',
    ...(flip ? ['Estimates of each picture and its mirror image were averaged.'] : []),
    `Contempt is ${contempt === 'on' ? 'estimated' : 'switched off, and its share goes to the other expressions'}.`,
    `Mien ${program_version}.`,
  ];
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1><p>${escaped(how.join(' '))}</p>`,
    figuresTable(evaluation),
    `<h2>Each expression</h2>${labelsTable(evaluation)}`,
    `<h2>What was taken for what</h2>${confusionPicture(evaluation)}`,
    `<h2>How often the first choice is right, by its score</h2>${reliabilityPicture(evaluation)}`,
    `<h2>Members alone</h2>${membersTable(evaluation)}`,
    ...(evaluation.comparison
      ? [`<h2>Compared with ${escaped(evaluation.comparison.with)}</h2>${comparisonTable(evaluation.comparison)}`]
      : []),
    `<h2>Surest mistakes</h2>${mistakesList(evaluation.mistakes, pictures)}`,
    '</body></html>\n',
  ].join('\n');
}

const share = (value: number | null): string => (value === null ? '–' : percent(value));
const number = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
const between = (interval: Interval | undefined, write: (value: number) => string): string =>
  interval ? `${write(interval.low)} to ${write(interval.high)}` : '–';

const row = (head: string, ...cells: readonly string[]): string =>
  `<tr><th scope="row">${escaped(head)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;

const table = (head: readonly string[], rows: readonly string[]): string =>
  `<table><thead><tr>${head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

function figuresTable(e: ProfileEvaluation): string {
  const figure = (head: string, key: keyof MainFigures, write: (value: number | null) => string): string =>
    row(head, write(e[key]), between(e.intervals[key], write));
  return table(
    ['', 'figure', e.intervals_of],
    [
      figure('accuracy', 'accuracy', share),
      figure('balanced accuracy (mean recall)', 'balanced_accuracy', share),
      figure('macro F1', 'macro_f1', number),
      figure('log loss (nats)', 'log_loss', number),
      figure(`expected calibration error (${e.ece_bins} bins of equal width)`, 'ece', number),
      row('pictures', String(e.images), ''),
      row('without a face', String(e.faces_not_found), ''),
      row('accuracy, pictures without a face counted as wrong', share(e.accuracy_with_errors), ''),
      row('left out: also in another split', String(e.left_out.duplicates), ''),
      row(
        'left out: label is no expression',
        String(Object.values(e.left_out.unknown_labels).reduce((a, b) => a + b, 0)),
        '',
      ),
      row('milliseconds a face (elapsed)', number(e.ms_per_face), ''),
    ],
  );
}

function labelsTable({ labels, per_label }: Evaluation): string {
  const rows = labels.map((name) => {
    const { precision, recall, f1, support } = per_label[name];
    return row(EXPRESSION_WORDS[name], share(precision), share(recall), number(f1), String(support));
  });
  return table(['expression', 'precision', 'recall', 'F1', 'pictures'], rows);
}

function membersTable({ members }: ProfileEvaluation): string {
  const rows = members.map((m) =>
    row(m.name, share(m.accuracy), share(m.balanced_accuracy), number(m.log_loss), number(m.ece)),
  );
  return table(['', 'accuracy', 'balanced accuracy', 'log loss', 'calibration error'], rows);
}

function comparisonTable(c: NonNullable<ProfileEvaluation['comparison']>): string {
  const words = [
    `On ${c.images} pictures: ${share(c.accuracy[0])} here, ${share(c.accuracy[1])} there.`,
    `Only here right: ${c.only_first_right}, only there: ${c.only_second_right}; exact McNemar p = ${c.p.toPrecision(2)}.`,
    c.p_subjects === null
      ? 'Subjects are not known.'
      : `Permutation over subjects: p = ${c.p_subjects.toPrecision(2)}.`,
  ];
  const rows = Object.entries(c.per_label).map(([name, { first, second, p_holm }]) =>
    row(name, share(first), share(second), p_holm.toPrecision(2)),
  );
  return `<p>${words.map(escaped).join(' ')}</p>${table(['recall', 'here', 'there', "McNemar's p, Holm"], rows)}`;
}

/** Rows are labels. The darker, the greater the share of the row; counts and shares stand inside. */
function confusionPicture({ labels, confusion }: Evaluation): string {
  const left = 90;
  const [width, height] = [left + CELL * labels.length, 30 + CELL * labels.length];
  const cells = confusion.flatMap((counts, i) => {
    const sum = counts.reduce((a, b) => a + b, 0);
    return counts.map((count, j) => {
      const [x, y] = [left + CELL * j, 30 + CELL * i];
      const part = sum > 0 ? count / sum : 0;
      const ink = part > 0.55 ? '#fff' : '#1b2430';
      return (
        `<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="#1f5fa8" fill-opacity="${part.toFixed(3)}" stroke="#d5dae1"/>` +
        `<text x="${x + CELL / 2}" y="${y + 28}" text-anchor="middle" style="fill:${ink}">${count}</text>` +
        `<text x="${x + CELL / 2}" y="${y + 44}" text-anchor="middle" style="fill:${ink}">${sum > 0 ? percent(part) : ''}</text>`
      );
    });
  });
  const heads = labels.map((name, i) => {
    const word = escaped(EXPRESSION_WORDS[name]);
    return (
      `<text x="${left + CELL * (i + 0.5)}" y="22" text-anchor="middle">${word}</text>` +
      `<text x="${left - 8}" y="${30 + CELL * (i + 0.5) + 4}" text-anchor="end">${word}</text>`
    );
  });
  return (
    '<p>Rows: labels; columns: first choices. Counts, and shares of the row.</p>' +
    `<svg viewBox="0 0 ${width} ${height}" style="max-width:${width}px" role="img" aria-label="Confusion matrix">${cells.join('')}${heads.join('')}</svg>`
  );
}

function reliabilityPicture({ reliability }: Evaluation): string {
  const most = Math.max(1, ...reliability.map(({ items }) => items));
  const at = (x: number, y: number): string =>
    `${(MARGIN + SIDE * x).toFixed(1)},${(MARGIN / 2 + SIDE * (1 - y)).toFixed(1)}`;
  const points = reliability.flatMap((bin) =>
    bin.mean_sureness === null || bin.accuracy === null ? [] : [at(bin.mean_sureness, bin.accuracy)],
  );
  const bars = reliability.map(({ from, to, items }) => {
    const height = (SIDE * 0.25 * items) / most;
    return `<rect x="${MARGIN + SIDE * from}" y="${MARGIN / 2 + SIDE - height}" width="${SIDE * (to - from) - 1}" height="${height}" class="bar"/>`;
  });
  const ticks = [0, 0.5, 1].map(
    (value) =>
      `<text x="${MARGIN - 6}" y="${MARGIN / 2 + SIDE * (1 - value) + 4}" text-anchor="end">${value}</text>` +
      `<text x="${MARGIN + SIDE * value}" y="${MARGIN / 2 + SIDE + 16}" text-anchor="middle">${value}</text>`,
  );
  const size = SIDE + 1.5 * MARGIN;
  return (
    '<p>Across: score of the first choice; up: how often it is right. On the line both are the same. Bars: how many pictures.</p>' +
    `<svg viewBox="0 0 ${size} ${size}" style="max-width:${size}px" role="img" aria-label="Reliability curve">${bars.join('')}` +
    `<polyline class="ideal" points="${at(0, 0)} ${at(1, 1)}"/><polyline class="curve" points="${points.join(' ')}"/>` +
    `${points.map((point) => `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3"/>`).join('')}${ticks.join('')}</svg>`
  );
}

function mistakesList(mistakes: readonly Mistake[], pictures: Pictures): string {
  if (mistakes.length === 0) return '<p>None.</p>';
  const items = mistakes.map(({ name, label, choice, sureness }) => {
    const picture = pictures.get(name);
    const image = picture ? `<img src="${picture}" alt="">` : '';
    return `<li>${image}${escaped(name)}: labelled ${label}, looks like ${choice} to the model (${percent(sureness)})</li>`;
  });
  return `<ul class="mistakes">${items.join('')}</ul>`;
}

const STYLE = `
body{font:14px/1.45 system-ui,sans-serif;color:#1b2430;max-width:860px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}svg{width:100%;font-size:11px}svg text{fill:#566170}
table{border-collapse:collapse}th,td{border-bottom:1px solid #d5dae1;padding:.2rem .8rem;text-align:right;font-weight:400}
th:first-child{text-align:left}thead th{color:#566170}
.bar{fill:#d5dae1}.ideal{stroke:#9aa3ae;stroke-dasharray:4 4;fill:none}.curve{stroke:#1f5fa8;stroke-width:2;fill:none}circle{fill:#1f5fa8}
.mistakes img{width:64px;vertical-align:middle;margin-right:.6rem}
`.trim();
