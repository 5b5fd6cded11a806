// Wires between the page and the engine. This process puts a channel between both and hears nothing of what is said in it.
import { MessageChannelMain, ipcMain, type IpcMainEvent, type WebContents } from 'electron';
import type { EngineKeeper } from '../service/keeper.ts';
import { WIRE } from './channels.ts';
import { isOwn } from './page-scheme.ts';
import type { UtilityEngine } from './utility-engine.ts';

/** Hands wires to whoever asks for them and may have them: our page, in the frame of the window. `onFault` hears of others. */
export function handWires(
  engine: EngineKeeper<UtilityEngine>,
  contentsOfWindow: () => WebContents | null,
  onFault: (error: unknown) => void,
): void {
  ipcMain.on(WIRE, (event, id: unknown) => {
    if (isFromPage(event, contentsOfWindow()) && Number.isSafeInteger(id))
      handWire(engine, event, id as number).catch(onFault);
    else onFault(new Error('somebody who may not have a wire has asked for one'));
  });
}

function isFromPage({ sender, senderFrame }: IpcMainEvent, window: WebContents | null): boolean {
  return sender === window && senderFrame !== null && senderFrame.parent === null && isOwn(senderFrame.url);
}

async function handWire(
  engine: EngineKeeper<UtilityEngine>,
  { senderFrame: frame }: IpcMainEvent,
  id: number,
): Promise<void> {
  const running = await engine.ready();
  if (!frame || frame.isDestroyed() || !isOwn(frame.url)) return; // it was loaded again meanwhile, and asks itself
  const { port1, port2 } = new MessageChannelMain();
  running.takeWindow(port1);
  frame.postMessage(WIRE, id, [port2]);
}
