import type { Migration } from './migration.ts'

/** What a store remembers of how it is kept, so that every process that opens it goes by the same. */
export const SETTINGS: Migration = {
  number: 4,
  name: 'settings',
  statements: () => ['create table settings (name text primary key, value text not null)'],
}
