// How the members' outputs became estimates, in sentences for people who read files and reports.
import { RULE_WORDS } from '../contract/rule-words.ts';
import type { Profile } from '../core/profile.ts';
import { RULES, parametersOf } from '../core/refine.ts';

/** In the order in which it is done; what a profile leaves out is named together at the end. */
export function scoringSentences(profile: Profile): string[] {
  const { members, override, rules, temperature, contempt, reject, lighting } = profile;
  const heated = members.filter((member) => member.temperature !== 1);
  const isCalibrated = heated.length > 0 || temperature !== 1;
  const isRefined = override || rules.active.length > 0;
  const left = [
    ...(isCalibrated ? [] : ['scores are not calibrated']),
    ...(isRefined ? [] : ['no rules were applied']),
  ];
  return [
    ...(lighting === 'clahe' ? [EVENED] : []),
    'The scores of the models were fused by fixed weights for each expression.',
    ...(heated.length > 0 ? [memberTemperatures(heated)] : []),
    ...(override ? [OVERRIDE] : []),
    ...(rules.active.length > 0 ? [rulesSentence(rules)] : []),
    ...(temperature !== 1 ? [`The estimate was then calibrated with the temperature ${temperature}.`] : []),
    ...(contempt ? [] : ['Contempt was not estimated; its share went to the other expressions.']),
    ...(reject === null ? [] : [rejectSentence(reject)]),
    ...(left.length > 0 ? [`${capital(left.join(', and '))}.`] : []),
  ];
}

const EVENED =
  'Before the networks saw a face, its light was evened out (CLAHE on L of CIELAB, clip limit 2.0, 8 × 8 tiles).';

const OVERRIDE =
  'Where at least two models shared another first choice than the fused one, with more than 30 of 100 points on average, the ' +
  'estimate was moved towards it.';

const memberTemperatures = (heated: Profile['members']): string =>
  `Before that they were calibrated with a temperature: ${heated.map((m) => `${m.model} ${m.temperature}`).join(', ')}.`;

function rulesSentence({ active, parameters }: Profile['rules']): string {
  const known = new Set(active);
  const words = RULES.filter((name) => known.has(name)).map((name) => `${name} (${RULE_WORDS[name]})`);
  const used = parametersOf(known).map((name) => `${name} ${parameters[name]}`);
  const settings = used.length > 0 ? `; their parameters: ${used.join(', ')}` : '';
  return `Rules that may change an estimate, each seeing what the one before has left: ${words.join(', ')}${settings}.`;
}

const rejectSentence = (reject: number): string =>
  `An estimate whose first choice had less than ${reject} of 100 points was rejected: such rows have no values.`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
