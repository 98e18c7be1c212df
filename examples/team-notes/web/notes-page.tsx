import { NoteForm } from "./note-form.tsx";
import { NoteList } from "./note-list.tsx";
import { ProfileCard } from "./profile-card.tsx";

export function NotesPage() {
	return (
		<>
			<h1>Notes</h1>
			<div className="columns section">
				<div className="stack">
					<NoteForm />
					<NoteList />
				</div>
				<ProfileCard />
			</div>
		</>
	);
}
