import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { User } from "portcullis";
import type { AuthorCount, Note } from "../shared/types.ts";

/** More are kept, and counted, but not shown. */
const MAX_SHOWN = 200;
/** How long to wait for another process that writes. Milliseconds. */
const BUSY_TIMEOUT = 5000;
const DEFAULT_PATH = fileURLToPath(new URL("../.tmp/notes.sqlite", import.meta.url));

// Issuer and subject are what identifies a person: names and e-mail addresses change hands.
const SCHEMA = `
	PRAGMA journal_mode = WAL;
	CREATE TABLE IF NOT EXISTS notes (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		text TEXT NOT NULL,
		written_at TEXT NOT NULL,
		author_key TEXT NOT NULL,
		author TEXT NOT NULL
	) STRICT;
	CREATE INDEX IF NOT EXISTS notes_by_author ON notes (author_key);
`;

/** The notes of the team, in a SQLite file: what was added is on the disk when `add` returns. */
export class NoteStore {
	readonly #path: string;
	#opened: DatabaseSync | undefined;

	/**
	 * @param path Of the file, which is made with its folder at first use; `:memory:` keeps nothing.
	 */
	constructor(path: string) {
		this.#path = path;
	}

	/**
	 * Opens the file now instead of at first use, so that a mistake in its path shows at start.
	 *
	 * @throws if it cannot be opened or is no database.
	 */
	open(): void {
		this.#database;
	}

	/** A later use opens it again. */
	close(): void {
		this.#opened?.close();
		this.#opened = undefined;
	}

	/** @param text Checked already. */
	add(text: string, user: User): void {
		this.#database
			.prepare("INSERT INTO notes (text, written_at, author_key, author) VALUES (?, ?, ?, ?)")
			.run(text, new Date().toISOString(), keyOf(user), user.name);
	}

	/** The newest 200 as `user` sees them, newest first. */
	list(user: User): Note[] {
		const key = keyOf(user);
		return this.#database
			.prepare(
				"SELECT id, text, author, author_key, written_at FROM notes ORDER BY id DESC LIMIT ?",
			)
			.all(MAX_SHOWN)
			.map(({ id, text, author, author_key, written_at }) => ({
				id: Number(id),
				text: String(text),
				author: String(author),
				mine: author_key === key,
				writtenAt: String(written_at),
			}));
	}

	count(): number {
		return Number(this.#database.prepare("SELECT count(*) AS notes FROM notes").get()?.notes);
	}

	/** Who wrote how many, the busiest first, each under the name of their newest note. */
	countByAuthor(): AuthorCount[] {
		return this.#database
			.prepare(
				// With max(), SQLite takes the other columns from the row that has it.
				"SELECT author, count(*) AS notes, max(id) FROM notes GROUP BY author_key ORDER BY notes DESC, author",
			)
			.all()
			.map(({ author, notes }) => ({ author: String(author), notes: Number(notes) }));
	}

	clear(): void {
		this.#database.exec("DELETE FROM notes");
	}

	get #database(): DatabaseSync {
		if (this.#opened) return this.#opened;
		if (this.#path !== ":memory:") mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
		const database = new DatabaseSync(this.#path, { timeout: BUSY_TIMEOUT });
		try {
			database.exec(SCHEMA);
		} catch (error) {
			database.close();
			throw error;
		}
		this.#opened = database;
		return database;
	}
}

/** The file that `TEAM_NOTES_DB` names, else `.tmp/notes.sqlite` beside the app. */
export const databasePath: string = process.env.TEAM_NOTES_DB || DEFAULT_PATH;
export const noteStore = new NoteStore(databasePath);

function keyOf({ issuer, sub }: User): string {
	return JSON.stringify([issuer, sub]);
}
