import { z } from "zod";
import { MAX_NOTE_LENGTH } from "../shared/types.ts";
import { auth } from "./auth.ts";
import { isAdmin } from "./authz.ts";
import { noteStore } from "./note-store.ts";

const { State, field, computed, event, topic } = auth;

/**
 * The table of notes, which everyone shares: each change is announced, and all open tabs follow.
 */
const notesTopic = topic("notes");

/**
 * What a tab sees of the notes, and does with them. Surfaces without `auth` are for signed-in
 * people: that is the default. What one tab alone has (the draft, its colours) is in fields;
 * what all share is in the database.
 */
export class NotesState extends State {
	/**
	 * `null` until the person chooses: the browser's own preference counts. Open to everyone, also on
	 * the landing page.
	 */
	darkMode = field<boolean | null>(null, { auth: false });
	draft = field("");
	notes = computed(({ user }) => noteStore.list(user), { on: [notesTopic], initial: [] });
	noteCount = computed(() => noteStore.count(), { on: [notesTopic], initial: 0 });
	authors = computed(() => noteStore.countByAuthor(), {
		auth: isAdmin,
		on: [notesTopic],
		initial: [],
	});

	/**
	 * The browser says what it is to be: which colours it shows without a choice, only the browser
	 * knows.
	 */
	toggleDarkMode = event({ auth: false, input: z.boolean() }, ({ input: isDark }) => {
		this.darkMode.value = isDark;
	});

	saveDraft = event(
		{ input: z.string().max(MAX_NOTE_LENGTH), debounce: 400 },
		({ input: text }) => {
			this.draft.value = text;
		},
	);

	addNote = event(
		{ input: z.string().trim().min(1).max(MAX_NOTE_LENGTH) },
		({ input: text, user }) => {
			noteStore.add(text, user);
			this.draft.value = "";
			notesTopic.changed();
		},
	);

	clearAllNotes = event({ auth: isAdmin }, ({ toast }) => {
		noteStore.clear();
		notesTopic.changed();
		toast("All notes are cleared.", "success");
	});
}
