import { useEffect, useRef, useState } from "react";
import type { AuthorCount } from "../shared/types.ts";
import { clearNotes, getAuthors } from "./api.ts";
import { messageOf } from "./message-of.ts";

export function AdminPage() {
	const [authors, setAuthors] = useState<AuthorCount[]>();
	const [status, setStatus] = useState("");
	const [problem, setProblem] = useState<string>();

	useEffect(() => {
		getAuthors().then(setAuthors, (error: unknown) => setProblem(messageOf(error)));
	}, []);

	const clear = async () => {
		try {
			await clearNotes();
			setAuthors([]);
			setStatus("All notes are cleared.");
			setProblem(undefined);
		} catch (error) {
			setProblem(messageOf(error));
		}
	};

	return (
		<>
			<h1>Admin</h1>
			<p className="lead">
				Only members of the group admins see this page. The API behind it asks the same question again.
			</p>
			<section className="card section" aria-labelledby="authors">
				<h2 id="authors">Who wrote how much</h2>
				<div aria-busy={authors === undefined}>{authors && <AuthorTable authors={authors} />}</div>
				<div className="actions">
					<ClearButton isDisabled={authors?.length === 0} onConfirmed={clear} />
					<p className="muted" role="status">
						{status}
					</p>
				</div>
				{problem !== undefined && (
					<p className="problem" role="alert">
						{problem}
					</p>
				)}
			</section>
		</>
	);
}

function AuthorTable({ authors }: { authors: readonly AuthorCount[] }) {
	if (authors.length === 0) return <p className="empty">Nobody has written anything.</p>;
	return (
		<table>
			<thead>
				<tr>
					<th scope="col">Person</th>
					<th scope="col" className="number">
						Notes
					</th>
				</tr>
			</thead>
			<tbody>
				{authors.map(({ author, notes }, index) => (
					// Two people may have the same name, and the rows never move.
					// biome-ignore lint/suspicious/noArrayIndexKey: see above
					<tr key={index}>
						<td>{author}</td>
						<td className="number">{notes}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/** Asks once more, in a dialog of the page's own. */
function ClearButton({ isDisabled, onConfirmed }: { isDisabled: boolean; onConfirmed: () => Promise<void> }) {
	const dialog = useRef<HTMLDialogElement>(null);
	return (
		<>
			<button type="button" className="button danger" disabled={isDisabled} onClick={() => dialog.current?.showModal()}>
				Clear all notes
			</button>
			<dialog ref={dialog} aria-labelledby="clear-title">
				<h2 id="clear-title">Clear all notes?</h2>
				<p className="muted">The notes of everyone are removed. There is no way back.</p>
				<form method="dialog" className="actions">
					<button type="submit" className="button danger" onClick={() => void onConfirmed()}>
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
