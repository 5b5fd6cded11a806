// The texts about what a project holds fixed.
import { wordsOf, type Project } from '../../main/contract/project.ts';

const FIRST = 'The first recording of a project fixes program version, profile and camera mode for those that follow.';

export const PROJECT_WORDS = {
  /** Of a project that is being named; null for one that has no recording. */
  help(project: Project | null): string {
    if (!project) return FIRST;
    const words = wordsOf(project.settings);
    const { program, profile, camera } = words;
    const mode = [camera, words['picture size'], words['frame rate']].join(', ');
    return `Its recordings are made with ${program}, profile ${profile}, ${mode}, scores ${words['scores at the start']} at the start. One that differs asks first.`;
  },
  title: (project: string): string => `This recording differs from the project “${project}”`,
  differs: 'Recordings that are to be compared should be made in the same way. What is different:',
  what: 'What',
  before: 'Before',
  now: 'Now',
  reason: 'Why it differs (may stay empty; files tell it)',
  renews: 'Use these from now on: they hold for this project from this recording on',
  recorded: 'The difference is kept with the session, and its files and report tell it.',
  record: 'Record anyway',
  shownAtStart: 'Show scores from the start',
} as const;
