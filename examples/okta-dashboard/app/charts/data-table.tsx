interface DataTableProps {
	readonly columns: readonly string[];
	/** The first cell of a row names it. */
	readonly rows: readonly (readonly string[])[];
}

/** The numbers behind a picture. */
export function DataTable({ columns, rows }: DataTableProps) {
	return (
		<details className="data">
			<summary>Show the numbers</summary>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard */}
			<section className="scroll" aria-label={`${columns.join(", ")}: all numbers`} tabIndex={0}>
				<table>
					<thead>
						<tr>
							{columns.map((column) => (
								<th key={column} scope="col">
									{column}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{rows.map(([name = "", ...cells]) => (
							<tr key={name}>
								<th scope="row">{name}</th>
								{cells.map((cell, i) => (
									<td key={columns[i + 1]}>{cell}</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</section>
		</details>
	);
}
