import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Audit, AuditAction, AuditContext, AuditOutcome } from "portcullis";
import type { AuditRecord } from "../shared/types.ts";
import { databasePath } from "./note-store.ts";

/** How many are shown. */
const MAX_SHOWN = 100;
/** How many are kept: entries say who did what, and must not be kept without end. */
const MAX_KEPT = 10_000;
const BUSY_TIMEOUT = 5000;

const SCHEMA = `
	PRAGMA journal_mode = WAL;
	CREATE TABLE IF NOT EXISTS audit (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		time INTEGER NOT NULL,
		action TEXT NOT NULL,
		outcome TEXT NOT NULL,
		reason TEXT,
		what TEXT,
		person TEXT
	) STRICT;
`;

/**
 * Who signed in, was let in where, and was turned away, in a SQLite file. What people wrote is not
 * in it.
 */
export class AuditStore {
	readonly #path: string;
	#opened: DatabaseSync | undefined;

	/**
	 * @param path Of the file, which is made with its folder at first use; `:memory:` keeps nothing.
	 */
	constructor(path: string) {
		this.#path = path;
	}

	/** The hook of `portcullis()`: on the disk before the answer leaves. */
	readonly add: Audit = (
		action: AuditAction,
		outcome: AuditOutcome,
		context: AuditContext,
	): void => {
		const { time, reason, handler, route, userinfo } = context;
		const { lastInsertRowid } = this.#database
			.prepare(
				"INSERT INTO audit (time, action, outcome, reason, what, person) VALUES (?, ?, ?, ?, ?, ?)",
			)
			.run(
				time,
				action,
				outcome,
				reason ?? null,
				handler ?? route ?? null,
				userinfo?.name ?? userinfo?.sub ?? null,
			);
		this.#database
			.prepare("DELETE FROM audit WHERE id <= ?")
			.run(Number(lastInsertRowid) - MAX_KEPT);
	};

	/** The newest 100, newest first. */
	last(): AuditRecord[] {
		return this.#database
			.prepare("SELECT * FROM audit ORDER BY id DESC LIMIT ?")
			.all(MAX_SHOWN)
			.map(({ id, time, action, outcome, reason, what, person }) => ({
				id: Number(id),
				at: new Date(Number(time)).toISOString(),
				action: String(action),
				outcome: String(outcome),
				reason: textOf(reason),
				what: textOf(what),
				person: textOf(person),
			}));
	}

	count(): number {
		return Number(this.#database.prepare("SELECT count(*) AS records FROM audit").get()?.records);
	}

	/** A later use opens it again. */
	close(): void {
		this.#opened?.close();
		this.#opened = undefined;
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

/** In the file of the notes. */
export const auditStore = new AuditStore(databasePath);

function textOf(value: unknown): string | null {
	return value === null || value === undefined ? null : String(value);
}
