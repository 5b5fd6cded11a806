// What somebody has dropped on the page or chosen, in the order in which it is analysed.
import type { Handover } from '../../main/contract/handover.ts';
import { isInputName, refusalOfKind } from '../../main/contract/inputs.ts';

/** One file, or one folder. */
export interface DroppedItem {
  readonly name: string;
  /** Where it lies; null where a browser does not tell. */
  readonly path: string | null;
  /** What is to be sent, each with the names of its folders and its own; nothing where the path is known. */
  readonly files: readonly { readonly path: readonly string[]; readonly file: File }[];
}

export interface Dropped {
  readonly items: readonly DroppedItem[];
  /** What cannot be analysed, in sentences. */
  readonly refused: readonly string[];
}

/** What lies on the page when the pointer lets it go. To be called before the event is over: afterwards it is gone. */
export function droppedIn({ items, files }: DataTransfer, handover: Handover | undefined): Promise<Dropped> {
  if (handover) return Promise.resolve(fromPaths([...files], handover));
  const located = [...items].map((item) => {
    const [entry, file] = [item.webkitGetAsEntry(), item.getAsFile()];
    if (entry) return filesIn(entry);
    return Promise.resolve(file ? [{ path: [file.name], file }] : []); // a picture out of another page lies nowhere
  });
  return Promise.all(located).then((all) => fromFiles(all.flat()));
}

/** What was chosen with a dialog of the system, a folder with everything in it. */
export function chosenIn(files: readonly File[], handover: Handover | undefined): Dropped {
  if (handover && files.every((file) => file.webkitRelativePath === '')) return fromPaths(files, handover);
  return fromFiles(
    files.map((file) => ({ file, path: file.webkitRelativePath ? file.webkitRelativePath.split('/') : [file.name] })),
  );
}

function fromPaths(files: readonly File[], handover: Handover): Dropped {
  const known = files.map((file) => ({ name: file.name, path: handover.pathOf(file), files: [] }));
  return { items: known.filter(({ path }) => path !== ''), refused: [] };
}

type Located = DroppedItem['files'][number];

/** Files of one folder belong together; each other one stands alone. Hidden files are not spoken of. */
function fromFiles(files: readonly Located[]): Dropped {
  const visible = files.filter(({ path }) => path.every((name) => !name.startsWith('.')));
  const usable = visible.filter(({ file }) => isInputName(file.name));
  const refused = visible
    .filter(({ file }) => !isInputName(file.name))
    .map(({ path }) => refusalOfKind(path.join('/')));
  const folders = new Map<string, Located[]>();
  const items: DroppedItem[] = [];
  for (const located of usable) {
    const [name] = located.path;
    const known = folders.get(name);
    if (known && located.path.length > 1) {
      known.push(located);
      continue;
    }
    const own = [located];
    if (located.path.length > 1) folders.set(name, own);
    items.push({ name, path: null, files: own });
  }
  return { items, refused };
}

async function filesIn(entry: FileSystemEntry): Promise<Located[]> {
  const path = entry.fullPath.split('/').filter((name) => name !== '');
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path, file }];
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const inside: FileSystemEntry[] = [];
  const reader = entry.createReader();
  for (;;) {
    // It tells a hundred at a time, and none behind the last.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map(filesIn))).flat();
}
