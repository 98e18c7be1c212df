import { useRef } from "react";
import { useServerState } from "./portcullis.ts";

/**
 * Clears all notes after a question, in a dialog of the page's own. For admins; the server asks
 * `isAdmin` again.
 */
export function ClearButton() {
	const dialog = useRef<HTMLDialogElement>(null);
	const { noteCount, clearAllNotes } = useServerState("notes");
	return (
		<>
			<button
				type="button"
				className="button danger quiet"
				disabled={noteCount === 0}
				onClick={() => dialog.current?.showModal()}
			>
				Clear all notes
			</button>
			<dialog ref={dialog} aria-labelledby="clear-title">
				<h2 id="clear-title">Clear all notes?</h2>
				<p className="muted">The notes of everyone are removed. There is no way back.</p>
				<form method="dialog" className="actions">
					<button type="submit" className="button danger" onClick={() => void clearAllNotes()}>
						Clear them
					</button>
					<button type="submit" className="button quiet">
						Keep them
					</button>
				</form>
			</dialog>
		</>
	);
}
