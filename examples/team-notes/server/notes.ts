import type { User } from "portcullis";
import { type AuthorCount, MAX_NOTE_LENGTH, type Note } from "../shared/types.ts";

const MAX_NOTES = 200;

interface StoredNote {
	readonly id: string;
	readonly text: string;
	readonly writtenAt: string;
	/** Issuer and subject: what identifies a person. Names and e-mail addresses change hands. */
	readonly authorKey: string;
	readonly author: string;
}

/** The notes of the team, newest first. In memory: they end with the process. */
export class Notes {
	#notes: readonly StoredNote[] = [];

	/** Returns false for what is not a text of 1 to 500 characters. */
	add(text: unknown, user: User): boolean {
		if (typeof text !== "string") return false;
		const trimmed = text.trim();
		if (trimmed === "" || trimmed.length > MAX_NOTE_LENGTH) return false;
		const note = {
			id: crypto.randomUUID(),
			text: trimmed,
			writtenAt: new Date().toISOString(),
			authorKey: keyOf(user),
			author: user.name,
		};
		this.#notes = [note, ...this.#notes].slice(0, MAX_NOTES);
		return true;
	}

	/** All notes, as `user` sees them. */
	list(user: User): Note[] {
		const key = keyOf(user);
		return this.#notes.map(({ id, text, author, authorKey, writtenAt }) => ({
			id,
			text,
			author,
			mine: authorKey === key,
			writtenAt,
		}));
	}

	/** Who wrote how many, the busiest first. */
	countByAuthor(): AuthorCount[] {
		const counts = new Map<string, AuthorCount>();
		for (const { authorKey, author } of this.#notes) {
			const known = counts.get(authorKey);
			counts.set(authorKey, { author: known?.author ?? author, notes: (known?.notes ?? 0) + 1 });
		}
		return [...counts.values()].sort((a, b) => b.notes - a.notes);
	}

	clear(): void {
		this.#notes = [];
	}
}

function keyOf({ issuer, sub }: User): string {
	return JSON.stringify([issuer, sub]);
}
