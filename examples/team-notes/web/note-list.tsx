import type { Note } from "../shared/types.ts";

const time = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** @param props.notes `undefined` while they are loading. */
export function NoteList({ notes }: { notes: readonly Note[] | undefined }) {
	return (
		<section aria-labelledby="all-notes">
			<h2 id="all-notes" className="list-title">
				Everyone's notes
			</h2>
			<div aria-live="polite" aria-busy={notes === undefined}>
				{notes === undefined ? (
					<p className="muted">Loading ...</p>
				) : notes.length === 0 ? (
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
		</section>
	);
}
