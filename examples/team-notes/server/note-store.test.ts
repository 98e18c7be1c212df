import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { User } from "portcullis";
import { afterAll, expect, test } from "vitest";
import { NoteStore } from "./note-store.ts";

const folder = mkdtempSync(join(tmpdir(), "team-notes-"));
afterAll(() => rmSync(folder, { recursive: true }));

// All that the store looks at.
const person = (sub: string, name: string, issuer = "https://idp.example") =>
	({ issuer, sub, name }) as User;
const ada = person("1", "Ada");
const vic = person("2", "Vic");

function texts(store: NoteStore, user = ada): string[] {
	return store.list(user).map(({ text }) => text);
}

test("the newest note comes first, and everyone knows their own", () => {
	const store = new NoteStore(":memory:");
	store.add("one", ada);
	store.add("two", vic);
	expect(store.list(ada)).toMatchObject([
		{ text: "two", author: "Vic", mine: false },
		{ text: "one", author: "Ada", mine: true },
	]);
	expect(store.list(vic).map(({ mine }) => mine)).toEqual([true, false]);
	expect(store.count()).toBe(2);
	const [{ writtenAt } = { writtenAt: "" }] = store.list(ada);
	expect(new Date(writtenAt).toISOString()).toBe(writtenAt);
});

test("people are told apart by issuer and subject, not by name", () => {
	const store = new NoteStore(":memory:");
	store.add("one", ada);
	store.add("two", person("1", "Ada", "https://other.example"));
	store.add("three", person("1", "Ada Lovelace"));
	expect(store.list(ada).map(({ mine }) => mine)).toEqual([true, false, true]);
	expect(store.countByAuthor()).toEqual([
		{ author: "Ada Lovelace", notes: 2 },
		{ author: "Ada", notes: 1 },
	]);
});

test("text is data, whatever it looks like", () => {
	const store = new NoteStore(":memory:");
	const text = `'); DROP TABLE notes; -- </script> \u{1F600} ${"x".repeat(400)}`;
	store.add(text, person("'; --", "O'Hara"));
	expect(texts(store)).toEqual([text]);
	expect(store.countByAuthor()).toEqual([{ author: "O'Hara", notes: 1 }]);
});

test("200 are listed, all are counted", () => {
	const store = new NoteStore(":memory:");
	for (let i = 1; i <= 203; i++) store.add(String(i), ada);
	expect([store.list(ada).length, texts(store)[0], store.count()]).toEqual([200, "203", 203]);
	store.clear();
	expect([store.count(), store.list(ada), store.countByAuthor()]).toEqual([0, [], []]);
});

test("the file is made with its folder, and keeps the notes for the next process and beside another one", () => {
	const path = join(folder, "deep", "down", "notes.sqlite");
	const first = new NoteStore(path);
	first.add("kept", ada);
	// Not closed: as after a kill.
	const second = new NoteStore(path);
	expect(texts(second)).toEqual(["kept"]);
	second.add("more", vic);
	expect(texts(first)).toEqual(["more", "kept"]);
	second.close();
	expect(texts(second)).toEqual(["more", "kept"]);
	for (const store of [first, second]) store.close();
});

test("a file that is no database is said at start, and left as it is", () => {
	const path = join(folder, "wrong.sqlite");
	writeFileSync(path, "shopping list, and long enough for a header ".repeat(40));
	const store = new NoteStore(path);
	expect(() => store.open()).toThrow(/not a database/);
	expect(() => store.open()).toThrow(/not a database/);
});
