"""From question to answer: the whole story, in the order in which it happens.

One straight coroutine that emits events and returns the `Answer`. It reads no clock, knows no client, and has
no `if cancelled`: a cancel surfaces at the `await` where the query stands, and whatever is under way there
(the model's stream, the statement) stops itself. What ends a query early is raised as a `Fault`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from text2sql_ws.charts import chart_for
from text2sql_ws.commands import Ask, DataSourceChoice
from text2sql_ws.connecting import connect
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
    Caution,
    Emit,
    Explanation,
    Results,
    SqlFailed,
    Stage,
    Visualization,
)
from text2sql_ws.explaining import explain
from text2sql_ws.llm.prompts import Prompts, Turn
from text2sql_ws.llm.providers import Providers
from text2sql_ws.progress import Progress
from text2sql_ws.reuse import Earlier, Reuse
from text2sql_ws.running import Bounds, Dictionaries, Ran, Runner
from text2sql_ws.schema import Schema
from text2sql_ws.sql import extract
from text2sql_ws.texts import say
from text2sql_ws.writing import Draft, Writer


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a failed query goes on: the stage that failed, and what the stages before it had found."""

    stage: Stage = Stage.ANALYZING
    datasource: str | None = None
    sql: str | None = None


class Pipeline:
    """What every query needs; it keeps nothing of any one of them."""

    def __init__(
        self,
        sources: DataSources,
        providers: Providers,
        prompts: Prompts,
        dictionaries: Dictionaries,
        bounds: Bounds,
        today: Callable[[], date],
    ) -> None:
        self._sources = sources
        self._providers = providers
        self._prompts = prompts
        self._dictionaries = dictionaries
        self._bounds = bounds
        self._today = today
        self._reuse = Reuse()

    def use(self, dictionaries: Dictionaries) -> None:
        """For the queries that start from now on."""
        self._dictionaries = dictionaries

    def check(self, ask: Ask) -> None:
        """Refuse a question whose options name what isn't there, before it starts. Raises `Fault`."""
        self._providers.choose(ask.provider, ask.model)
        self._sources.check(ask.datasource)

    async def answer(
        self, query_id: str, ask: Ask, emit: Emit, resume: Resume, history: Sequence[Turn] = ()
    ) -> Answer:
        """Answer `ask`, from its start or from where a failed query goes on. Raises `Fault`."""
        progress, dictionaries = Progress(emit, resume.stage), self._dictionaries
        await progress.begin(Stage.ANALYZING)
        given, may_ask = _given(ask, resume), not _is_own_sql(ask)
        choice, today = self._providers.choose(ask.provider, ask.model), self._today()
        writer = Writer(ask, choice, self._prompts, today, history, emit, progress)
        await progress.begin(Stage.SELECTING_DATASOURCE)
        async with self._sources.chosen(_narrowed(ask, resume), ask.question) as source:
            await progress.chose(source.name)
            schema, whole = await _reach(source, ask.question, progress), await source.catalog.schema()
            if not choice.sees_values:
                schema = schema.without_values()
            earlier = self._reuse.of(ask, choice, whole, history, today)
            draft = given or await _again(earlier, progress) or await writer.write(schema)
            if draft.sql is None:
                await progress.begin(Stage.COMPLETED)
                return _in_words(draft, writer)
            runner = Runner(query_id, ask, source, dictionaries, self._bounds, emit, progress)
            with earlier.forgotten_unless_it_runs():
                ran = await self._until_it_runs(
                    draft, runner, whole, schema, writer if may_ask else None, emit
                )
            if may_ask:
                earlier.keep(ran.draft.sql, ran.draft.text)
        await progress.begin(Stage.PROCESSING_RESULTS)
        may_explain = may_ask and choice.sees_values
        explanation, cautions = await _explain(ask, ran, writer if may_explain else None, progress)
        visualization = await _visualize(ask, ran, progress)
        await progress.begin(Stage.COMPLETED)
        return Answer(
            sql=ran.allowed.sql,
            results=ran.results,
            explanation=explanation,
            visualization=visualization,
            usage=writer.usage,
            attempts=ran.draft.attempt,
            warnings=(*_cautions(ran.results), *cautions),
        )

    async def _until_it_runs(
        self,
        draft: Draft,
        runner: Runner,
        whole: Schema,
        schema: Schema,
        writer: Writer | None,
        emit: Emit,
    ) -> Ran:
        """Run the draft; where the database refuses it, have it rewritten, as often as is allowed."""
        sql = draft.sql
        while True:
            try:
                return await runner.run(draft, sql or "", whole)
            except Fault as fault:
                if writer is None or not fault.mendable or draft.attempt > self._bounds.max_rewrites:
                    raise
                await emit(SqlFailed(sql or "", fault, draft.attempt, runner.percent))
                rewritten = await writer.rewrite(draft, fault.message.en, schema)
                if rewritten.sql is None:
                    raise
                draft, sql = rewritten, rewritten.sql


async def _reach(source: DataSource, question: str, progress: Progress) -> Schema:
    """Connect, and find the tables that the question needs."""
    await progress.begin(Stage.CONNECTING_DATABASE)
    version = await connect(source.engine, progress)
    await progress.note(say("progress.connected", version=version), version=version)
    await progress.begin(Stage.RETRIEVING_SCHEMA)
    schema = await source.catalog.relevant(question)
    tables = [table.name for table in schema.tables]
    await progress.note(say("progress.tables", tables=", ".join(tables)), tables=tables)
    return schema


async def _again(earlier: Earlier, progress: Progress) -> Draft | None:
    """The SQL that answered the same question before, if it is kept; the steps it saves say so."""
    kept = earlier.find()
    if kept is None:
        return None
    await progress.note(say("progress.reused_schema"), cached=True)
    await progress.begin(Stage.GENERATING_SQL)
    await progress.note(say("progress.reused_sql"), cached=True)
    return Draft(kept.sql, kept.text)


async def _explain(
    ask: Ask, ran: Ran, writer: Writer | None, progress: Progress
) -> tuple[Explanation, tuple[Caution, ...]]:
    """The model's explanation, or a computed one: an answer is never lost to its explanation."""
    complexity = ran.allowed.complexity
    if not ask.explain:
        return Explanation("", complexity), ()
    await progress.begin(Stage.GENERATING_EXPLANATION)
    cautions: tuple[Caution, ...] = ()
    if writer is not None:
        try:
            text = await writer.explain(ran.allowed.sql, ran.results, ran.head.rows)
        except Fault as fault:
            cautions = (Caution(fault.code, say("result.explanation_failed", why=fault.message)),)
        else:
            return Explanation(text, complexity), ()
    tables = sorted(ran.allowed.tables)
    text = explain(ask.question, ran.allowed.sql, ran.results, ran.head.rows, ask.locale, tables)
    return Explanation(text, complexity), cautions


async def _visualize(ask: Ask, ran: Ran, progress: Progress) -> Visualization:
    if not ask.visualize:
        return Visualization()
    await progress.begin(Stage.RECOMMENDING_VISUALIZATION)
    return chart_for(ran.results.columns, ran.head.rows, ask.question, ask.locale)


def _is_own_sql(ask: Ask) -> bool:
    """Whether the question is SQL itself: such a question is never sent to a model, in whatever form."""
    return extract.is_statement(ask.question, "mysql")


def _given(ask: Ask, resume: Resume) -> Draft | None:
    """The SQL that is there already: the question's own, or that of the query which goes on."""
    if _is_own_sql(ask):
        return Draft(extract.as_statement(ask.question), ask.question)
    return Draft(resume.sql, resume.sql) if resume.sql is not None else None


def _narrowed(ask: Ask, resume: Resume) -> DataSourceChoice:
    """Where a query goes on, it stays with the data source it had chosen."""
    if resume.datasource is None or ask.datasource.details:
        return ask.datasource
    return replace(ask.datasource, name=resume.datasource)


def _in_words(draft: Draft, writer: Writer) -> Answer:
    """A greeting, or a question that no table answers: the model's words are the answer, and nothing ran."""
    words = Explanation(draft.text.strip())
    return Answer(None, Results(), words, Visualization(), writer.usage, draft.attempt)


def _cautions(results: Results) -> tuple[Caution, ...]:
    return () if results.row_count else (Caution(Code.NO_DATA_RETURNED, say("result.empty")),)
