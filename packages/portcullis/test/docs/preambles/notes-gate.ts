import { portcullis } from "portcullis";
import { z } from "zod";

const auth = portcullis();
class NotesState extends auth.State {
	darkMode = auth.field(false, { auth: false });
	draft = auth.field("");
	notes = auth.computed(() => [{ id: "1", text: "Milk" }], { initial: [] });
	noteCount = auth.computed(() => this.notes.value.length, { initial: 0 });
	toggleDarkMode = auth.event({ auth: false }, () => {});
	saveDraft = auth.event({ input: z.string() }, () => {});
	addNote = auth.event({ input: z.string().trim().min(1).max(500) }, () => {});
	clearAllNotes = auth.event(() => 3);
}
const gate = auth.gate({ states: { notes: NotesState } });
