// Which columns of the database hold texts that may name a person, and how they are searched and cleared. A column that is not
// listed here is taken for something that people have written.
import type Database from 'better-sqlite3';
import type { Redaction } from './redaction.ts';

/**
 * `own`: the program's own words, or rows that go as a whole. `name`: of a session, a file or a form. `prose`: what people write.
 * A list names the fields of a JSON object that may hold names, an empty one stands for a JSON array of names.
 */
type Rule = 'own' | 'name' | 'prose' | readonly string[];

const RULES: Readonly<Record<string, Rule>> = {
  'session.id': 'own',
  'session.code': 'own', // see renamed, in erasure.ts
  'session.state': 'own',
  'session.source': ['name'],
  'session.source_sha256': 'own',
  'session.profile_hash': 'own',
  'session.consent_kind': 'own',
  'session.consent_form': ['version'],
  'session.program_version': 'own',
  'session.problems': [],
  'session.setup': ['project', 'approval'],
  'session.lock': ['reason'],
  'project_lock.project': 'name',
  'project_lock.settings': 'own',
  'session.rescored_from': 'own',
  'session.rescored_root': 'own',
  'session.measured_version': 'own',
  'session_profile.profile': 'own',
  'session_profile.models': 'own',
  'participant.code': 'own',
  'participant.details': ['obtained_by', 'guardian', 'ethics_number'],
  'consent.participant': 'own',
  'consent.scope': 'own',
  'consent.given_at': 'own', // a time
  'person.participant': 'own',
  'segment.source': 'own',
  'frame.name': 'name',
  'frame.gap': 'own',
  'estimate.reason': 'own',
  'estimate.fired': 'own',
  'marker.id': 'own',
  'marker.label': 'own', // the marker goes
  'event.kind': 'own',
  'event.detail': 'own', // the event goes
  'edit.kind': 'own',
  'video.state': 'own',
  'video.codec': 'own',
  'video.reason': 'own',
  'export.path': 'name',
  'export.sha256': 'own',
  'audit.session': 'own',
  'audit.action': 'own',
  'audit.detail': 'name',
  'receipt.program_version': 'own',
};

interface TextColumn {
  readonly table: string;
  readonly column: string;
  readonly rule: Rule;
  /** The column with the number of the session; null for a table that does not belong to one. */
  readonly owner: string | null;
}

function textColumns(db: Database.Database): TextColumn[] {
  const query = `SELECT t.name AS "table", c.name AS "column",
      EXISTS (SELECT 1 FROM pragma_table_info(t.name) AS o WHERE o.name = 'session' AND o.type = 'INTEGER') AS isOwned
    FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND c.type = 'TEXT'`;
  const columns = db.prepare(query).all() as { table: string; column: string; isOwned: number }[];
  return columns
    .map(({ table, column, isOwned }) => ({
      ...{ table, column, rule: RULES[`${table}.${column}`] ?? 'prose' },
      owner: table === 'session' ? 'number' : isOwned ? 'session' : null,
    }))
    .filter(({ rule }) => rule !== 'own');
}

/** How often a code is in texts that stay, and in which sessions. */
export interface Mentions {
  readonly texts: number;
  readonly sessions: readonly number[];
}

/**
 * `within`: numbers of the sessions to look in; null for all. Texts of a table without sessions are looked at in any case.
 */
export function findMentions(db: Database.Database, redaction: Redaction, within: readonly number[] | null): Mentions {
  defineFunctions(db, redaction);
  const sessions = new Set<number>();
  let texts = 0;
  for (const text of textColumns(db)) {
    const { table, column, owner } = text;
    const query = `SELECT ${owner ?? 'NULL'} FROM "${table}" WHERE is_named("${column}", @name) ${limitOf(text, within)}`;
    const found = db.prepare(query).pluck();
    for (const session of found.iterate({ name: `${table}.${column}` }) as IterableIterator<number | null>) {
      texts++;
      if (session !== null) sessions.add(session);
    }
  }
  return { texts, sessions: [...sessions] };
}

/** Takes a code out of every text that stays. To be called in a transaction. */
export function clearMentions(db: Database.Database, redaction: Redaction, within: readonly number[] | null): void {
  defineFunctions(db, redaction);
  for (const text of textColumns(db)) {
    const { table, column } = text;
    const name = `${table}.${column}`;
    const change = `UPDATE "${table}" SET "${column}" = cleared("${column}", @name) WHERE is_named("${column}", @name) ${limitOf(text, within)}`;
    db.prepare(change).run({ name });
  }
}

/** A condition that holds a search to some sessions. */
function limitOf({ table, owner }: TextColumn, within: readonly number[] | null): string {
  if (!within) return '';
  const numbers = within.join(', ');
  if (owner) return `AND "${owner}" IN (${numbers})`;
  if (table === 'project_lock') return 'AND 0'; // it belongs to other sessions, too
  return table === 'audit' ? `AND session IN (SELECT id FROM session WHERE number IN (${numbers}))` : '';
}

/** The redaction as functions of this connection: is_named(text, column) and cleared(text, column), for any text or NULL. */
function defineFunctions(db: Database.Database, redaction: Redaction): void {
  db.function('is_named', (text: unknown, column: unknown) => {
    if (typeof text !== 'string') return 0;
    let isNamed = false;
    changed(text, ruleOf(column), (part) => {
      isNamed ||= redaction.isIn(part);
      return part;
    });
    return isNamed ? 1 : 0;
  });
  db.function('cleared', (text: unknown, column: unknown) => {
    if (typeof text !== 'string') return null;
    const rule = ruleOf(column);
    return changed(text, rule, (part) => (rule === 'prose' ? redaction.ofProse(part) : redaction.ofName(part)));
  });
}

const ruleOf = (column: unknown): Rule => RULES[String(column)] ?? 'prose';

/** A text with a change made wherever the rule of its column allows it: in JSON, in its strings only. */
function changed(text: string, rule: Rule, change: (part: string) => string): string {
  const value = structureOf(text);
  if (value === null) return change(text);
  if (typeof rule === 'string' || Array.isArray(value)) return JSON.stringify(mapped(value, change));
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    rule.includes(key) ? mapped(inner, change) : (inner as unknown),
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** The object or array that a text is in JSON; null for any other text. */
function structureOf(text: string): object | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null; // it only begins like one
  }
}

/** The same with every string in it changed; keys are the program's own. */
function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapped(inner, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapped(inner, change)]));
}
