// A file on its way to the program, as a request of its own: it is read from the disk while it is sent, however large it is.
import { MienError, errorOf, type ErrorReport } from '../../main/contract/errors.ts';

export interface SendingFile {
  /** Rejects with what the program says against it; with interrupted when it is cancelled or the program is gone. */
  readonly sent: Promise<void>;
  cancel(): void;
}

const isReport = (value: unknown): value is ErrorReport =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'remedy' in value;

/** `onBytes` hears how many bytes are sent. */
export function sendFile(address: string, file: File, onBytes: (bytes: number) => void): SendingFile {
  const request = new XMLHttpRequest(); // fetch does not tell how far it is
  const sent = new Promise<void>((resolve, reject) => {
    request.open('PUT', address);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded }) => onBytes(loaded);
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status === 201) resolve();
      else if (isReport(answer)) reject(errorOf(answer));
      else reject(unread(file));
    };
    request.onerror = () => reject(unread(file));
    request.onabort = () =>
      reject(new MienError('interrupted', 'This was cancelled.', 'Start it again when you like.'));
    request.send(file);
  });
  return { sent, cancel: () => request.abort() };
}

const unread = ({ name }: File): MienError =>
  new MienError('interrupted', `${name} could not be sent.`, 'Check that you may read it, and try again.');
