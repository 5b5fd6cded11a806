// mien bench depth: how often depth tells faces from pictures of them, on synthetic scenes.
import { setImmediate } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { AVERAGED_FRAMES } from '../../core/depth/average.ts';
import { DEPTH_CASES, studyDepth, type DepthCounts, type DepthRow } from '../../science/depth/study.ts';
import { parseCount, type GlobalOptions } from './options.ts';
import { print, startProgress, table } from './terminal.ts';

interface Options {
  readonly scenes: number;
  readonly common: number;
}

export function addDepthBenchCommand(program: Command, bench: Command): void {
  bench
    .command('depth')
    .description('Count how often depth is right about synthetic faces, photographs and posters.')
    .option('--scenes <number>', 'scenes for each sensor, thing and distance', parseCount, 1000)
    .option(
      '--common <share>',
      'share of the variance of noise that is the same in all averaged frames',
      parseShare,
      0.5,
    )
    .addHelpText('after', '\nExample:\n  mien bench depth --scenes 100')
    .action(async ({ scenes, common }: Options) => {
      const rows = await studied(scenes, common);
      if (program.opts<GlobalOptions>().json) print(JSON.stringify(reportOf(rows, common), null, 2));
      else print(textOf(rows, common));
    });
}

function parseShare(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('Give a share from 0 to 1.');
  return value;
}

async function studied(scenes: number, common: number): Promise<DepthRow[]> {
  const progress = startProgress('depth', DEPTH_CASES.length, 'rows');
  const rows: DepthRow[] = [];
  for (const [seed, one] of DEPTH_CASES.entries()) {
    rows.push(studyDepth(one, scenes, common, seed));
    progress.update(rows.length);
    await setImmediate(); // so that the bar is drawn and the command can be stopped
  }
  progress.stop();
  return rows;
}

function reportOf(rows: readonly DepthRow[], common: number): object {
  const written = (countsOf: (row: DepthRow) => DepthCounts): object[] =>
    rows.map((row) => {
      const { accepted, rejected, unknown } = countsOf(row);
      const { sensor, scene, distanceMm } = row.case;
      return { sensor, scene, distance_mm: distanceMm, scenes: row.scenes, accepted, rejected, unknown };
    });
  const averaged = { frames: AVERAGED_FRAMES, common_noise: common, rows: written((row) => row.averaged) };
  return { rows: written((row) => row.single), averaged };
}

function textOf(rows: readonly DepthRow[], common: number): string {
  const shares = ({ accepted, rejected, unknown }: DepthCounts, scenes: number): string[] =>
    [accepted, rejected, unknown].map((count) => `${((100 * count) / scenes).toFixed(1)} %`);
  const head = ['accepted', 'rejected', 'unknown'];
  return [
    table(
      ['sensor', 'scene', 'mm', ...head, ...head.map((word) => `${word} (${AVERAGED_FRAMES})`)],
      rows.map(({ case: { sensor, scene, distanceMm }, scenes, single, averaged }) => [
        ...[sensor, scene, distanceMm],
        ...shares(single, scenes),
        ...shares(averaged, scenes),
      ]),
    ),
    '',
    `${rows[0]?.scenes ?? 0} scenes a row, by one frame and by the mean of ${AVERAGED_FRAMES}, of whose noise ${Math.round(100 * common)} % of the variance is common.`,
  ].join('\n');
}
