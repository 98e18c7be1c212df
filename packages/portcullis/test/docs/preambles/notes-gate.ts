import { portcullis } from "portcullis";
import { z } from "zod";

const kit = portcullis();
class NotesState extends kit.State {
	darkMode = kit.field(false, { auth: false });
	draft = kit.field("");
	notes = kit.computed(() => [{ id: "1", text: "Milk" }], { initial: [] });
	noteCount = kit.computed(() => this.notes.value.length, { initial: 0 });
	toggleDarkMode = kit.event({ auth: false }, () => {});
	saveDraft = kit.event({ input: z.string() }, () => {});
	addNote = kit.event({ input: z.string().trim().min(1).max(500) }, () => {});
	clearAllNotes = kit.event(() => 3);
}
const gate = kit.gate({ states: { notes: NotesState } });
