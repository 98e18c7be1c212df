import type { Snapshot } from "portcullis";

/** A page of the app. The server picks it by path, after the guard. */
export type PageName = "landing" | "notes" | "admin" | "not-found";

/** What the HTML document carries for the script. */
export interface PageData {
	readonly page: PageName;
	/** Who asks, and the server's state as this person may see it. */
	readonly snapshot: Snapshot;
	/** Where the document's policy lets a picture come from besides the app itself. */
	readonly pictureOrigin: string | null;
}

export interface Note {
	readonly id: number;
	readonly text: string;
	/** Name of the person who wrote it. */
	readonly author: string;
	/** True if the person who asks wrote it. */
	readonly mine: boolean;
	/** ISO 8601. */
	readonly writtenAt: string;
}

/** How many notes a person wrote. */
export interface AuthorCount {
	readonly author: string;
	readonly notes: number;
}

/** One thing that happened at the gate. */
export interface AuditRecord {
	readonly id: number;
	/** ISO 8601. */
	readonly at: string;
	readonly action: string;
	readonly outcome: string;
	readonly reason: string | null;
	/** Page or event. */
	readonly what: string | null;
	readonly person: string | null;
}

/** Characters of a note. */
export const MAX_NOTE_LENGTH = 500;
