// Every text of the window, in one place, so that another language is another file like this.
import { CAUTION, LOW_VALID, NOT_CORRECTED } from '../../main/contract/words.ts';

export { EXPRESSION_WORDS, LEAST_VALID_SHARE, REASON_WORDS } from '../../main/contract/words.ts';

export const JOB_WORDS = {
  waiting: 'waiting',
  running: 'being analysed',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled; what came before is kept',
} as const;

export const STATE_WORDS = { recording: 'recording', complete: 'complete', interrupted: 'broken off' } as const;

export const WORDS = {
  program: 'Mien',
  caution: CAUTION,
  lost: 'The program behind this window is gone. It is being looked for; nothing that was stored is lost.',
  connecting: 'Connecting …',
  sessions: 'Sessions',
  pages: 'Pages',
  analyse: 'Analyse files',
  analyseHelp:
    'Choose a video, a picture or a folder of them on this machine. Each becomes a session. Nothing is copied, and nothing leaves the machine.',
  chooseFile: 'Files on this machine',
  folderUp: 'One folder up',
  go: 'Go',
  nothingHere: 'Nothing to analyse in this folder.',
  chosen: 'Chosen',
  nothingChosen: 'Nothing is chosen yet.',
  wholeFolder: 'Choose this whole folder',
  haveAgreed:
    'Everybody who is seen has agreed to this analysis. The session records that consent was obtained elsewhere.',
  identification: 'Recognise people who leave and come back (everybody has agreed to that too)',
  start: 'Analyse',
  queue: 'Queue',
  queueEmpty: 'No file has been added since Mien was started.',
  pause: 'Pause',
  resume: 'Go on',
  openSession: 'Open the session',
  search: 'Search sessions',
  noSessions: 'No sessions yet',
  noSessionsHelp: 'A session is made of a video or of pictures of faces.',
  noMatch: 'No session matches this.',
  loading: 'Reading the session …',
  back: 'All sessions',
  nobody: 'Nobody was seen in this session.',
  timeline: 'Expression scores (model) over time',
  timelineHelp:
    'Wheel or + and − zoom, arrows move, drag selects a span, Escape shows everything. Gaps are rows that are not valid.',
  timelineOf: 'Timeline of',
  figuresOf: 'Figures of',
  legend: 'Lines',
  validBand: 'Valid rows',
  confirmedBand: 'Confirmed expression',
  wholeSession: 'Whole session',
  selectedSpan: 'Selected span',
  clearSpan: 'Show the whole session',
  mean: 'Mean score (model)',
  dominant: 'Dominant, share of valid time',
  measuredNot: 'not measured by this profile',
  lowValid: LOW_VALID,
  notCorrected: NOT_CORRECTED,
  excluded: 'Rows that do not count, by reason',
  problems: 'What could not be read or done',
  export: 'Export',
  exportTitle: 'Export this session',
  folder: 'Folder',
  formats: 'Formats',
  interval: 'Length of the intervals of the summary, seconds',
  keepInvalid: 'Write the values of rows that are not valid too',
  cancel: 'Cancel',
  close: 'Close',
  written: 'These files were written:',
  formatWords: {
    wide: 'Wide table (CSV): a row for each person and frame',
    long: 'Long table (CSV): a row for each expression',
    jsonl: 'JSON lines, with landmarks and every model’s scores',
    intervals: 'Summary for each interval (CSV)',
    report: 'Report to read and print (HTML): pictures, figures and a paragraph on methods',
  } as Readonly<Record<string, string>>,
} as const;
