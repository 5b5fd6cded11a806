// mien serve: the application in a browser of this machine.
import type { Command } from 'commander';
import { createInterface, type Interface } from 'node:readline';
import { dataFolder, systemClock } from '../compose.ts';
import { faultLog } from '../faults.ts';
import { ForkedEngine } from '../localhost/forked-engine.ts';
import { IncomingFiles } from '../localhost/incoming-files.ts';
import { hasScreen, openByFile } from '../localhost/opener.ts';
import { LocalhostServer } from '../localhost/server.ts';
import { incomingFolder } from '../service/incoming.ts';
import { EngineKeeper } from '../service/keeper.ts';
import { prepareWindow } from '../service/window.ts';
import { parsePort, type GlobalOptions } from './options.ts';
import { note, print, untilStopped } from './terminal.ts';

interface ServeOptions {
  readonly port: number;
  readonly open: boolean;
  readonly demo: boolean;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Open the application in a browser of this machine; nobody else can reach it.')
    .option('--port <number>', 'port on 127.0.0.1; otherwise any that is free', parsePort, 0)
    .option('--no-open', 'print the address and open no browser')
    .option('--demo', 'a film of a face in place of a camera, to try everything without one', false)
    .addHelpText('after', '\nExample:\n  mien serve --no-open')
    .action(async ({ port, open, demo }: ServeOptions) => {
      const global = program.opts<GlobalOptions>();
      const { assets, folders } = await prepareWindow(dataFolder(global.data), demo);
      const isVerbose = global.verbose ?? false;
      const engine = await EngineKeeper.start({
        launch: () => new ForkedEngine(),
        settings: { folders, isVerbose },
        clock: systemClock,
      });
      let server: LocalhostServer | null = null;
      let lines: Interface | null = null;
      let opened = (): void => undefined;
      try {
        const running = await LocalhostServer.start({
          ...{ port, assets, data: folders.data, onFault: faultLog(isVerbose), onOpened: () => opened() },
          incoming: new IncomingFiles({ folder: incomingFolder(folders.data) }),
          onWindow: async (upgrade, socket) => (await engine.ready()).takeWindow(upgrade, socket),
        });
        server = running;
        if (global.json) print(JSON.stringify({ url: running.url }));
        else print(`Mien is at ${running.url}\nThe address works once. Enter gives a new one; Ctrl-C ends Mien.`);
        lines = global.json ? null : createInterface({ input: process.stdin });
        lines?.on('line', () => print(`Mien is at ${running.renewedUrl()}`));
        const onFailed = (): void => note('No browser could be opened. Copy the address into one.');
        if (open && hasScreen()) opened = openByFile(running.url, folders, onFailed);
        await Promise.race([untilStopped(), engine.ended]);
      } finally {
        opened();
        lines?.close();
        const closed = server?.close(); // it waits for windows, which the engine closes
        await engine.stop();
        await closed;
      }
    });
}
