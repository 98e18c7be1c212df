import { ClearButton } from "./clear-button.tsx";
import { useServerState } from "./portcullis.ts";

const time = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** The notes of everyone, live. */
export function NoteList() {
	const { notes, noteCount } = useServerState("notes");
	const isAdmin = useServerState("user", (user) => user.isAdmin);
	return (
		<section aria-labelledby="all-notes">
			<div className="list-head">
				<h2 id="all-notes">
					Everyone's notes <span className="tally">{noteCount}</span>
				</h2>
				{isAdmin && <ClearButton />}
			</div>
			<div aria-live="polite">
				{notes.length === 0 ? (
					<p className="empty">No notes yet. Yours can be the first.</p>
				) : (
					<ul className="notes">
						{notes.map((note) => (
							<li key={note.id} className="card note">
								<p className="note-text">{note.text}</p>
								<p className="muted note-meta">
									{note.mine ? "You" : note.author},{" "}
									<time dateTime={note.writtenAt}>{time.format(new Date(note.writtenAt))}</time>
								</p>
							</li>
						))}
					</ul>
				)}
			</div>
			{notes.length < noteCount && (
				<p className="muted more">The newest {notes.length} are shown.</p>
			)}
		</section>
	);
}
