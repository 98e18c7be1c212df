import { type FormEvent, useState } from "react";
import { MAX_NOTE_LENGTH, type Note } from "../shared/types.ts";
import { addNote } from "./api.ts";
import { messageOf } from "./message-of.ts";

export function NoteForm({ onAdded }: { onAdded: (notes: Note[]) => void }) {
	const [text, setText] = useState("");
	const [problem, setProblem] = useState<string>();
	const [isSending, setSending] = useState(false);

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (isSending) return;
		setSending(true);
		try {
			onAdded(await addNote(text));
			setText("");
			setProblem(undefined);
		} catch (error) {
			setProblem(messageOf(error));
		} finally {
			setSending(false);
		}
	};

	return (
		<form className="card note-form" onSubmit={submit}>
			<label htmlFor="note">New note</label>
			<textarea
				id="note"
				rows={3}
				required
				maxLength={MAX_NOTE_LENGTH}
				value={text}
				onChange={(event) => setText(event.target.value)}
				placeholder="What should the others know?"
				{...(problem === undefined ? {} : { "aria-describedby": "note-problem", "aria-invalid": true })}
			/>
			{problem !== undefined && (
				<p className="problem" id="note-problem" role="alert">
					{problem}
				</p>
			)}
			<div className="actions">
				<button type="submit" className="button" aria-disabled={isSending}>
					Add note
				</button>
			</div>
		</form>
	);
}
