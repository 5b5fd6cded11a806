// The application between its start and its end: one window, one engine, and what becomes of one when the other goes.
import { app, dialog, type BrowserWindow, type Session } from 'electron';
import { reportOf } from '../../contract/errors.ts';
import { systemClock } from '../compose.ts';
import { faultLog } from '../faults.ts';
import { EngineKeeper } from '../service/keeper.ts';
import { prepareWindow } from '../service/window.ts';
import { setMenu } from './menu.ts';
import { openPageSession } from './page-session.ts';
import { RecordingWatch } from './recording-watch.ts';
import { UtilityEngine } from './utility-engine.ts';
import { handWires } from './wires.ts';
import { keepOnPage, openWindow } from './window.ts';

export interface ApplicationOptions {
  /** The folder of the sessions. */
  readonly data: string;
  readonly isDemo: boolean;
  readonly isVerbose: boolean;
}

export class Application {
  readonly #engine: EngineKeeper<UtilityEngine>;
  readonly #session: Session;
  readonly #watch: RecordingWatch;
  #window: BrowserWindow | null = null;

  private constructor(engine: EngineKeeper<UtilityEngine>, session: Session) {
    this.#engine = engine;
    this.#session = session;
    this.#watch = new RecordingWatch((isRecording) => this.#window?.webContents.setBackgroundThrottling(!isRecording));
  }

  /** Starts the engine and opens the window. Throws what the engine says when it cannot be started, and model_missing. */
  static async start({ data, isDemo, isVerbose }: ApplicationOptions): Promise<Application> {
    app.on('web-contents-created', (_, contents) => keepOnPage(contents));
    setMenu();
    const { assets, folders } = await prepareWindow(data, isDemo);
    const session = await openPageSession(assets, data);
    const engine = await EngineKeeper.start({
      launch: () => new UtilityEngine(),
      settings: { folders, isVerbose },
      clock: systemClock,
    });
    const application = new Application(engine, session);
    handWires(engine, () => application.#window?.webContents ?? null, faultLog(isVerbose));
    application.#keepRunning();
    application.show();
    return application;
  }

  /** Opens the window, or brings it to the front. */
  show(): void {
    if (this.#window) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.focus();
      return;
    }
    const window = openWindow({ session: this.#session, isRecording: () => this.#watch.isRecording });
    window.once('closed', () => (this.#window = null));
    this.#window = window;
  }

  #keepRunning(): void {
    void this.#watch.follow(this.#engine);
    app.on('activate', () => this.show());
    app.on('window-all-closed', () => {
      if (process.platform !== 'darwin') app.quit(); // there, a program ends when its user says so
    });
    let hasEnded = false;
    app.on('will-quit', (event) => {
      if (hasEnded) return;
      event.preventDefault(); // the engine ends first
      void this.#engine.stop().catch(() => undefined); // told below
    });
    const end = (): void => {
      hasEnded = true;
      app.quit();
    };
    this.#engine.ended.then(end, fail);
  }
}

/** Says what is wrong and ends the program at once. */
export function fail(error: unknown): void {
  const { message, remedy } = reportOf(error);
  dialog.showErrorBox(message, remedy);
  app.exit(1);
}
