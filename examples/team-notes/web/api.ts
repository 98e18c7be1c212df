import type { AuthorCount, Note, Viewer } from "../shared/types.ts";

/** What the server refused, in words for a person. */
export class ApiError extends Error {}

export async function getViewer(signal: AbortSignal): Promise<Viewer | null> {
	return (await request("/api/viewer", { signal })).json();
}

export async function getNotes(): Promise<Note[]> {
	return (await request("/api/notes")).json();
}

/** Returns all notes, the new one first. */
export async function addNote(text: string): Promise<Note[]> {
	const headers = { "Content-Type": "application/json" };
	return (await request("/api/notes", { method: "POST", headers, body: JSON.stringify({ text }) })).json();
}

export async function getAuthors(): Promise<AuthorCount[]> {
	return (await request("/api/admin/authors")).json();
}

export async function clearNotes(): Promise<void> {
	await request("/api/admin/notes", { method: "DELETE" });
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
	const response = await fetch(path, init).catch((cause: unknown) => {
		throw new ApiError("The server cannot be reached. Try again in a moment.", { cause });
	});
	if (response.ok) return response;
	if (response.status === 401) {
		// The session has ended: sign in and come back here.
		location.assign(`/login?redirect_to=${encodeURIComponent(location.pathname + location.search)}`);
		throw new ApiError("You are no longer signed in.");
	}
	if (response.status === 403) throw new ApiError("You may not do that.");
	if (response.status === 422) throw new ApiError(await response.text());
	throw new ApiError("That did not work. Try again in a moment.");
}
