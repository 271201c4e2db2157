import { type FormEvent, useState } from 'react'
import type { Tags } from '../client/records.ts'
import { Button, IconButton } from './button.tsx'
import { inputClass } from './field.tsx'
import { Problem } from './notice.tsx'
import styles from './tag-editor.module.css'

export interface TagEditorProps {
  readonly tags: Tags
  readonly isReadOnly: boolean
  readonly onSet: (key: string, value: string) => Promise<void>
  readonly onDelete: (key: string) => Promise<void>
  /** The tags have changed on the server. */
  readonly onChange: () => void
}

interface Draft {
  readonly key: string
  readonly value: string
  readonly isNew: boolean
}

/** Tags with their values; one at a time can be written anew. */
export function TagEditor({ tags, isReadOnly, onSet, onDelete, onChange }: TagEditorProps) {
  const [draft, setDraft] = useState<Draft>()
  const [error, setError] = useState<string>()
  const act = (work: Promise<void>): void => {
    setError(undefined)
    work
      .then(() => {
        setDraft(undefined)
        onChange()
      })
      .catch((cause: Error) => setError(cause.message))
  }
  const keys = Object.keys(tags).sort((a, b) => a.localeCompare(b))
  return (
    <div className={styles.editor}>
      {keys.length === 0 && !draft && <p className={styles.none}>No tags.</p>}
      <dl>
        {keys.map((key) =>
          draft && !draft.isNew && draft.key === key ? null : (
            <div key={key} className={styles.tag}>
              <dt>{key}</dt>
              <dd>{tags[key]}</dd>
              {!isReadOnly && (
                <span className={styles.actions}>
                  <IconButton
                    icon="edit"
                    label={`Change ${key}`}
                    onClick={() => setDraft({ key, value: tags[key] ?? '', isNew: false })}
                  />
                  <IconButton icon="trash" label={`Take ${key} away`} onClick={() => act(onDelete(key))} />
                </span>
              )}
            </div>
          ),
        )}
      </dl>
      {draft && (
        <TagForm
          draft={draft}
          onDraft={setDraft}
          onSave={() => act(onSet(draft.key.trim(), draft.value))}
          onCancel={() => setDraft(undefined)}
        />
      )}
      {error !== undefined && <Problem>{error}</Problem>}
      {!isReadOnly && !draft && (
        <Button look="plain" icon="plus" onClick={() => setDraft({ key: '', value: '', isNew: true })}>
          Add a tag
        </Button>
      )}
    </div>
  )
}

function TagForm({
  draft,
  onDraft,
  onSave,
  onCancel,
}: {
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly onSave: () => void
  readonly onCancel: () => void
}) {
  const save = (event: FormEvent): void => {
    event.preventDefault()
    onSave()
  }
  return (
    <form className={styles.form} onSubmit={save}>
      <input
        className={inputClass}
        aria-label="Name of the tag"
        placeholder="Name"
        // biome-ignore lint/a11y/noAutofocus: the form opens where the reader asked for it
        autoFocus={draft.isNew}
        readOnly={!draft.isNew}
        value={draft.key}
        onChange={(event) => onDraft({ ...draft, key: event.target.value })}
      />
      <input
        className={inputClass}
        aria-label="Value of the tag"
        placeholder="Value"
        // biome-ignore lint/a11y/noAutofocus: the form opens where the reader asked for it
        autoFocus={!draft.isNew}
        value={draft.value}
        onChange={(event) => onDraft({ ...draft, value: event.target.value })}
      />
      <div className={styles.formActions}>
        <Button type="submit" look="primary" disabled={draft.key.trim() === ''}>
          Save
        </Button>
        <Button look="plain" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
