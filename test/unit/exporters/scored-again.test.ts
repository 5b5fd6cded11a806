import { describe, expect, it } from 'vitest';
import { LossCollector } from '../../../src/main/core/losses.ts';
import { liveFacts, liveParagraphs } from '../../../src/main/exporters/live-facts.ts';
import { methodsOf } from '../../../src/main/exporters/report-methods.ts';
import { scoredAgainFacts, scoredAgainWords } from '../../../src/main/exporters/scored-again.ts';
import { sidecar } from '../../../src/main/exporters/sidecar.ts';
import { SETUP, exportContext, storedSession } from '../../fixtures/records.ts';

const RESCORED = { from: 'aaaa', fromCode: 'interview', unixMs: Date.UTC(2026, 10, 22, 10), measuredVersion: '1.2.3' };
const NO_CAMERA = { label: '', width: 0, height: 0, nominalRate: null };
const ELSEWHERE = 'The video, where one was kept, is in the session that this one was scored from.';
const RUN = { created: '', analysed_fps: null, state: 'complete', node: '', platform: '' };

describe('the files of a session that was scored again', () => {
  it('say when, from which session, and who ran the models', () => {
    const context = exportContext({ rescored: RESCORED, programVersion: '2.0.0' });
    const facts = JSON.parse(sidecar(context, [], RUN, new LossCollector())) as Record<string, unknown>;
    expect(facts.scored_again).toMatchObject({
      ...{ from_session_id: 'aaaa', from_code: 'interview', when: '2026-11-22T10:00:00.000Z' },
      models_run_by_version: '1.2.3',
    });
    const [scored] = methodsOf(context, new LossCollector());
    expect(scored).toContain('scored with Mien 2.0.0');
    expect(scored).toContain(
      'scored again on 2026-11-22T10:00:00.000Z from the stored outputs of the session interview (aaaa)',
    );
    expect(scored).toContain('which were run by Mien 1.2.3, are unchanged.');
  });

  it('name it by its id alone when it is gone', () => {
    const session = storedSession({ rescored: { ...RESCORED, fromCode: null } });
    expect(scoredAgainWords(session)).toContain('of the session aaaa;');
    expect(scoredAgainFacts(session)).toMatchObject({ scored_again: { from_code: null } });
  });

  it('say nothing of it where there is nothing to say', () => {
    expect([scoredAgainFacts(storedSession()), scoredAgainWords(storedSession())]).toEqual([{}, '']);
    expect(sidecar(exportContext(), [], RUN, new LossCollector())).not.toContain('scored_again');
  });

  it('say that the video and what was fixed are matters of the recording', () => {
    const settings = {
      programVersion: '1',
      profile: { name: 'mien', hash: 'ab'.repeat(32) },
      camera: NO_CAMERA,
      areScoresShown: false,
    };
    const lock = { settings, differences: [], reason: '', fixes: true };
    const session = storedSession({ rescored: RESCORED, setup: { ...SETUP, keeps: 'video' }, lock });
    const context = exportContext(session);
    const facts = liveFacts(context, new LossCollector());
    expect(facts.video).toEqual({ kept: false, meaning: ELSEWHERE });
    expect(facts.project_lock).toMatchObject({ fixed_by_this_session: false });
    const words = liveParagraphs(context, new LossCollector()).join(' ');
    expect(words).toContain(`The recording that it was scored from fixes program version, profile, mode`);
    expect(words).toContain(ELSEWHERE);
    expect(liveFacts(exportContext({ lock }), new LossCollector())).toMatchObject({
      project_lock: { fixed_by_this_session: true },
    });
  });
});
