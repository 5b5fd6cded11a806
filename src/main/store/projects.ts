// What projects hold fixed, as it is stored.
import type Database from 'better-sqlite3';
import { projectKey, type Project, type ProjectSettings } from '../contract/project.ts';

/** By name. */
export function projectsIn(db: Database.Database): Project[] {
  const query = 'SELECT project AS name, settings, fixed_unix_ms AS fixedUnixMs FROM project_lock ORDER BY number';
  const rows = db.prepare(query).all() as (Omit<Project, 'settings'> & { readonly settings: string })[];
  const last = new Map(rows.map((row) => [projectKey(row.name), row]));
  return [...last.values()]
    .map((row) => ({ ...row, settings: JSON.parse(row.settings) as ProjectSettings }))
    .sort((p, q) => p.name.localeCompare(q.name));
}

/** The project of this name; null where nothing is fixed yet. */
export function projectIn(db: Database.Database, name: string): Project | null {
  return projectsIn(db).find((project) => projectKey(project.name) === projectKey(name)) ?? null;
}
