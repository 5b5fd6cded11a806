// How well a recording keeps up, browser included: node test/bench/live.ts [seconds]. A film of one face is the camera (640 × 480, 30
// frames a second). Prints one JSON object. It measures, it does not judge: the numbers depend on what else the machine does.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { CDPSession } from 'playwright-core';
import { CAMERA_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { launchBrowser } from '../fixtures/browser.ts';
import { cameraWords, makeCameraFilm } from '../fixtures/camera.ts';
import { Workplace, linesOf } from '../fixtures/cli.ts';
import { skipIntroduction } from '../fixtures/introduction.ts';
import { setUpRecording } from '../fixtures/setup-form.ts';
import { engineOf } from '../fixtures/served.ts';

const seconds = Number(process.argv[2] ?? 60);
const SAMPLE_SECONDS = 10;

/** Memory of a process in MB. */
function megabytesOf(pid: number): number {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024);
}

/** Memory of a process in MB, each page that several share counted in parts (Linux). */
function shareOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
}

/** Memory of the browser's processes in MB, by their kinds. Chromium starts some for purposes of its own, minutes after the others. */
async function browserMegabytes(session: CDPSession): Promise<Map<string, number>> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const memory = new Map<string, number>();
  for (const { type, id } of processInfo) memory.set(type, (memory.get(type) ?? 0) + shareOf(id));
  return memory;
}

const sorted = (values: readonly number[]): number[] => values.toSorted((p, q) => p - q);
const median = (values: readonly number[]): number => sorted(values)[Math.floor(values.length / 2)] ?? NaN;

/** How a series begins, where its halves lie, and how it ends. */
const courseOf = (values: readonly number[]): Record<string, number | undefined> => ({
  first: values[0],
  median_of_first_half: median(values.slice(0, Math.ceil(values.length / 2))),
  median_of_second_half: median(values.slice(Math.floor(values.length / 2))),
  last: values.at(-1),
});

const place = new Workplace();
await makeClip(place.at('camera.mp4'), CAMERA_CLIP);
await makeCameraFilm(place.at('camera.y4m'), place.at('camera.mp4'), CAMERA_CLIP.framesPerSecond);
skipIntroduction(place.data);
const program = place.start(['--json', 'serve', '--no-open']);
await program.until(() => program.stdout.includes('\n'));
const { url } = JSON.parse(program.stdout) as { url: string };
const browser = await launchBrowser(cameraWords(place.at('camera.y4m')));
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(url);
  await setUpRecording(page);
  await page.getByLabel('Who is this?').first().selectOption('A07', { timeout: 60_000 });
  await page.waitForTimeout(5000);
  await page.getByRole('button', { name: '● Record' }).click();
  const number = async (word: string): Promise<number> => {
    const cell = page.locator('.numbers div').filter({ has: page.getByText(word, { exact: true }) });
    return Number.parseFloat(((await cell.locator('dd').textContent()) ?? '').replaceAll(',', ''));
  };
  const engine = await engineOf(program);
  const memory: number[] = [];
  const browserMemory = new Map<string, number[]>();
  const session = await browser.newBrowserCDPSession();
  const delays: number[] = [];
  for (let at = 0; at < seconds; at += SAMPLE_SECONDS) {
    await page.waitForTimeout(1000 * Math.min(SAMPLE_SECONDS, seconds - at));
    delays.push(await number('Delay'));
    memory.push(megabytesOf(engine));
    await page.requestGC(); // what is held counts, not what waits to be collected
    for (const [kind, mb] of await browserMegabytes(session))
      browserMemory.set(kind, [...(browserMemory.get(kind) ?? []), Math.round(mb)]);
  }
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('link', { name: 'Review it' }).waitFor();
  await place.run(['export', 'first day', '--out', place.out]);
  const [head = '', ...rows] = linesOf(readFileSync(`${place.out}/first day.wide.csv`, 'utf8'));
  const names = head.split(',');
  const cell = (row: string, name: string): string => row.split(',')[names.indexOf(name)] ?? '';
  const own = rows.filter((row) => cell(row, 'participant_id') === 'A07');
  const dropped = own.filter((row) => cell(row, 'missing_reason') === 'dropped').length;
  const lastFrame = Number(cell(own.at(-1) ?? '', 'frame'));
  const duration = Number(cell(own.at(-1) ?? '', 't_s'));
  const analysed = own.length - dropped;
  console.log(
    JSON.stringify({
      seconds: duration,
      analysed,
      analysed_fps: (analysed - 1) / duration,
      dropped,
      numbers_without_analysis: lastFrame + 1 - analysed,
      valid: own.filter((row) => cell(row, 'valid') === '1').length,
      delay_p95_ms: { median: median(delays), worst: Math.max(...delays) },
      engine_mb: courseOf(memory),
      browser_mb: Object.fromEntries([...browserMemory].map(([kind, values]) => [kind, courseOf(values)])),
    }),
  );
} finally {
  await browser.close();
  program.signal('SIGTERM');
  await program.finished;
  place.remove();
}
