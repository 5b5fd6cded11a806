// Runs in the window before the page, in a world of its own: hands the page wires to the program, tells it where dropped
// files lie, and nothing else.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Handover, WireMessage } from '../../contract/handover.ts';
import { WIRE } from './channels.ts';

const handover: Handover = {
  askForWire: (id) => ipcRenderer.send(WIRE, id),
  pathOf: (file) => webUtils.getPathForFile(file as File),
};
contextBridge.exposeInMainWorld('mien', handover);

// Ports do not go through the bridge, only by a message; "/" is for a page of our own origin alone.
ipcRenderer.on(WIRE, ({ ports }, id: number) => {
  window.postMessage({ kind: 'wire', id } satisfies WireMessage, '/', [...ports]);
});
