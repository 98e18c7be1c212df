/** Who is signed in, as far as their own browser is told. Claims stay on the server. */
export interface Viewer {
	readonly name: string;
	readonly email: string | null;
	/** URL at the identity provider. */
	readonly picture: string | null;
	/** `null` if the identity provider says nothing about groups. */
	readonly groups: readonly string[] | null;
	/** For showing the link; the guard decides again when it is used. */
	readonly isAdmin: boolean;
}

/** A page of the app. The server picks it by path, after the guard. */
export type PageName = "landing" | "notes" | "admin" | "not-found";

/** What the HTML document carries for the script. */
export interface PageData {
	readonly page: PageName;
	/** `null` if nobody is signed in. */
	readonly viewer: Viewer | null;
}

export interface Note {
	readonly id: string;
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

/** Characters of a note. */
export const MAX_NOTE_LENGTH = 500;
