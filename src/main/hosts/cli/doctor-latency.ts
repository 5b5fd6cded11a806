// mien doctor latency: how late a camera is. A page of this machine flashes the screen, which the camera is to see.
import type { Command } from 'commander';
import type { CameraLatency } from '../../contract/latency.ts';
import { serve } from '../../contract/rpc.ts';
import { dataFolder, openRegistry, openStore } from '../compose.ts';
import { faultLog } from '../faults.ts';
import { hasScreen, openByFile } from '../localhost/opener.ts';
import { LocalhostServer } from '../localhost/server.ts';
import { Windows } from '../localhost/windows.ts';
import { Service } from '../service/service.ts';
import { prepareWindow } from '../service/window.ts';
import type { GlobalOptions } from './options.ts';
import { note, print, untilStopped } from './terminal.ts';

export function addLatencyCommand(program: Command, doctor: Command): void {
  doctor
    .command('latency')
    .description('Measure how late a camera is, with flashes of the screen that it is pointed at.')
    .option('--no-open', 'print the address of the page and open no browser')
    .addHelpText('after', '\nExample:\n  mien doctor latency')
    .action(async ({ open }: { readonly open: boolean }) => {
      const { data, json, verbose = false } = program.opts<GlobalOptions>();
      const latency = await measured(dataFolder(data), open, faultLog(verbose));
      if (!latency) process.exitCode = 130;
      else if (json) print(JSON.stringify(reportOf(latency)));
      else print(textOf(latency));
    });
}

/** Serves the page until it has told a latency; null when the program was stopped before. */
async function measured(
  data: string,
  isToOpen: boolean,
  onFault: (error: unknown) => void,
): Promise<CameraLatency | null> {
  const { assets, folders } = await prepareWindow(data, false);
  const store = await openStore(data);
  const service = new Service(store, () => openRegistry(data), folders);
  const windows = new Windows((window) => serve(window, service.handlers, onFault));
  let opened = (): void => undefined;
  let server: LocalhostServer | null = null;
  try {
    const told = new Promise<CameraLatency>((resolve) => (service.onLatency = resolve));
    server = await LocalhostServer.start({
      ...{ port: 0, assets, onFault, landing: '#/latency', onOpened: () => opened() },
      onWindow: (...window) => {
        windows.accept(...window);
        return Promise.resolve();
      },
    });
    note(`The page is at ${server.url}\nThe address works once; Ctrl-C ends the measurement.`);
    const onFailed = (): void => note('No browser could be opened. Copy the address into one.');
    if (isToOpen && hasScreen()) opened = openByFile(server.url, folders, onFailed);
    return await Promise.race([told, untilStopped().then(() => null)]);
  } finally {
    opened();
    await windows.close();
    await server?.close();
    await service.stop();
    await store.close();
  }
}

function reportOf({ camera, flashes, found, medianMs, lowMs, highMs }: CameraLatency): Record<string, unknown> {
  return { camera, flashes, found, median_ms: medianMs, quartiles_ms: [lowMs, highMs] };
}

function textOf({ camera, flashes, found, medianMs, lowMs, highMs }: CameraLatency): string {
  const ms = (value: number | null): string => (value === null ? '–' : value.toFixed(0));
  return (
    `${camera || 'The camera'}: ${ms(medianMs)} ms late (median), half of the flashes between ${ms(lowMs)} and ${ms(highMs)} ms; ` +
    `${found} of ${flashes} flashes seen.`
  );
}
