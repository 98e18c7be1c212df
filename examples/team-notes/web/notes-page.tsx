import { useEffect, useState } from "react";
import type { Note, Viewer } from "../shared/types.ts";
import { getNotes } from "./api.ts";
import { messageOf } from "./message-of.ts";
import { NoteForm } from "./note-form.tsx";
import { NoteList } from "./note-list.tsx";
import { ProfileCard } from "./profile-card.tsx";

export function NotesPage({ viewer }: { viewer: Viewer }) {
	const [notes, setNotes] = useState<Note[]>();
	const [problem, setProblem] = useState<string>();

	useEffect(() => {
		const load = () =>
			getNotes().then(
				(loaded) => {
					setNotes(loaded);
					setProblem(undefined);
				},
				(error: unknown) => setProblem(messageOf(error)),
			);
		void load();
		// The list is shared: whoever comes back to this tab sees what the others wrote.
		addEventListener("focus", load);
		return () => removeEventListener("focus", load);
	}, []);

	return (
		<>
			<h1>Notes</h1>
			<div className="columns section">
				<ProfileCard viewer={viewer} />
				<div className="stack">
					<NoteForm onAdded={setNotes} />
					{problem !== undefined && (
						<p className="problem" role="alert">
							{problem}
						</p>
					)}
					<NoteList notes={notes} />
				</div>
			</div>
		</>
	);
}
