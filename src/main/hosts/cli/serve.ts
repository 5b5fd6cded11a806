// mien serve: the application in a browser of this machine.
import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFolder, openRegistry, openStore } from '../compose.ts';
import { readAssets } from '../localhost/assets.ts';
import { LocalhostServer } from '../localhost/server.ts';
import { Service } from '../service/service.ts';
import { parsePort, type GlobalOptions } from './options.ts';
import { note, print } from './terminal.ts';

const WINDOW_FOLDER = fileURLToPath(new URL('../../../../out/renderer/', import.meta.url));

interface ServeOptions {
  readonly port: number;
  readonly open: boolean;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Open the application in a browser of this machine; nobody else can reach it.')
    .option('--port <number>', 'port on 127.0.0.1; otherwise any that is free', parsePort, 0)
    .option('--no-open', 'print the address and open no browser')
    .addHelpText('after', '\nExample:\n  mien serve --no-open')
    .action(async ({ port, open }: ServeOptions) => {
      const global = program.opts<GlobalOptions>();
      const assets = await readAssets(WINDOW_FOLDER);
      const store = await openStore(global.data);
      try {
        const folders = { data: dataFolder(global.data), exports: join(homedir(), 'Mien'), home: homedir() };
        const service = new Service(store, openRegistry, folders);
        const onFault = (error: unknown): void => {
          if (global.verbose) note(error instanceof Error ? (error.stack ?? error.message) : String(error));
        };
        const server = await LocalhostServer.start({ port, assets, handlers: service.handlers, onFault });
        if (global.json) print(JSON.stringify({ url: server.url }));
        else print(`Mien is at ${server.url}\nThe address works once. Enter gives a new one; Ctrl-C ends Mien.`);
        const lines = global.json ? null : createInterface({ input: process.stdin });
        lines?.on('line', () => print(`Mien is at ${server.renewedUrl()}`));
        if (open) openBrowser(server.url);
        await untilStopped();
        lines?.close();
        await server.close();
        await service.stop();
      } finally {
        await store.close();
      }
    });
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    process.once('SIGHUP', () => resolve());
  });
}

/** Opens an address in the browser of whoever is there; where there is none, the address that was printed has to do. */
function openBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ['open', url],
    win32: ['rundll32', 'url.dll,FileProtocolHandler', url],
  };
  const hasScreen = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  if (!hasScreen) return;
  const [command, ...words] = openers[process.platform] ?? ['xdg-open', url];
  const child = spawn(command, words, { stdio: 'ignore', detached: true });
  child.on('error', () => note('No browser could be opened. Copy the address into one.'));
  child.unref();
}
