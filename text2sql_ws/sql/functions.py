"""Which functions a query may call: an allow-list for each family of databases, and reasons for the rest.

The one rule: what is not listed is refused. A function is listed when it computes a value from its
arguments (or the clock) and can't write, wait, lock, reach out, set anything, or tell about the server.

Sources: https://dev.mysql.com/doc/refman/8.4/en/built-in-function-reference.html,
https://mariadb.com/kb/en/function-and-operator-reference/, https://www.sqlite.org/lang_corefunc.html,
lang_datefunc.html, lang_aggfunc.html, lang_mathfunc.html, json1.html, windowfunctions.html,
https://docs.starrocks.io/docs/sql-reference/sql-functions/.
"""

from text2sql_ws.schema import SqlDialect


def listed(text: str) -> frozenset[str]:
    """A set of words, written as a paragraph."""
    return frozenset(text.split())


_COMMON = listed("""
    abs acos asin atan atan2 avg cast ceil ceiling char coalesce concat concat_ws cos count cume_dist
    date degrees dense_rank exp first_value floor greatest group_concat hex if ifnull iif instr
    json_array json_array_append json_array_insert json_arrayagg json_extract json_insert json_object
    json_objectagg json_patch json_pretty json_quote json_remove json_replace json_set json_type
    json_valid lag last_value lead least left length ln log log10 log2 lower lpad ltrim max min mod
    nth_value ntile nullif percent_rank pi pow power quote radians rank replace reverse right round
    row_number rpad rtrim sign sin soundex sqrt stddev substr substring sum tan time trim truncate unhex
    upper variance xor year
""")

_MYSQL = _COMMON | listed("""
    add_months adddate addtime any_value ascii bin bin_to_uuid bit_and bit_count bit_length bit_or
    bit_xor char_length character_length charset chr coercibility collation conv convert convert_tz cot
    crc32 crc32c curdate current_date current_time current_timestamp curtime database date_add
    date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear elt
    export_set extract field find_in_set format format_bytes format_pico_time from_base64 from_days
    from_unixtime geomcollection geometrycollection get_format grouping hour inet6_aton inet6_ntoa
    inet_aton inet_ntoa insert instrb interval is_ipv4 is_ipv6 is_uuid isnull json_array_intersect
    json_compact json_contains json_contains_path json_depth json_detailed json_equals json_exists
    json_key_value json_keys json_length json_loose json_merge json_merge_patch json_merge_preserve
    json_normalize json_object_filter_keys json_object_to_array json_overlaps json_query
    json_schema_valid json_schema_validation_report json_search json_storage_free json_storage_size
    json_table json_unquote json_value last_day lcase lengthb linestring localtime localtimestamp locate
    make_set makedate maketime mbrcontains mbrintersects mbrwithin md5 median microsecond mid minute
    month monthname months_between multilinestring multipoint multipolygon natural_sort_key now nvl nvl2
    oct octet_length ord percentile_cont percentile_disc period_add period_diff point polygon position
    quarter rand regexp_instr regexp_like regexp_replace regexp_substr repeat rownum schema sec_to_time
    second sha sha1 sha2 space st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_buffer
    st_centroid st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance
    st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_geohash st_geometryfromtext
    st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb st_intersection
    st_intersects st_isclosed st_isempty st_issimple st_isvalid st_latfromgeohash st_latitude st_length
    st_linefromtext st_longfromgeohash st_longitude st_numgeometries st_numpoints st_overlaps
    st_pointfromgeohash st_pointfromtext st_pointn st_polyfromtext st_polygonfromtext st_simplify
    st_srid st_startpoint st_swapxy st_symdifference st_touches st_transform st_union st_within st_x
    st_y std stddev_pop stddev_samp str_to_date strcmp subdate substrb substring_index subtime sysdate
    time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_char to_date
    to_days to_number to_seconds trunc ucase unix_timestamp utc_date utc_time utc_timestamp
    uuid uuid_short uuid_to_bin var_pop var_samp vec_distance vec_distance_cosine vec_distance_euclidean
    vec_fromtext vec_totext version week weekday weekofyear weight_string yearweek
""")

_SQLITE = _COMMON | listed("""
    acosh asinh atanh bm25 changes concat concat_ws cosh current_date current_time current_timestamp
    datetime format glob highlight ieee754 json json_array_length json_each json_error_position
    json_group_array json_group_object json_tree jsonb jsonb_array jsonb_extract jsonb_group_array
    jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set
    julianday like likelihood likely match median octet_length percentile percentile_cont
    percentile_disc printf random randomblob regexp regexp_like sinh snippet sqlite_version strftime
    string_agg subtype tanh timediff total trunc typeof unicode unistr unistr_quote unixepoch unlikely
    zeroblob
""") - listed("convert changes left right repeat space")

_STARROCKS = _MYSQL | listed("""
    all_match any_match append_trailing_char_if_absent approx_count_distinct approx_percentile array
    array_agg array_agg_distinct array_append array_avg array_concat array_contains array_contains_all
    array_difference array_distinct array_filter array_intersect array_join array_length array_map
    array_max array_min array_position array_remove array_slice array_sort array_sum arrays_overlap
    bitand bitmap_and bitmap_andnot bitmap_contains bitmap_count bitmap_from_string bitmap_hash
    bitmap_intersect bitmap_or bitmap_to_array bitmap_to_string bitmap_union bitmap_union_count
    bitmap_union_int bitmap_xor bitnot bitor bitxor cardinality cbrt collect_list collect_set corr
    count_if countif covar_pop covar_samp date_diff date_floor date_parse date_slice date_trunc
    dayofweek_iso days_add days_diff days_sub dow dround element_at ends_with endswith explode
    explode_json_array_int explode_json_array_string explode_split fmod from_iso8601_date
    get_json_double get_json_int get_json_string group_bitmap hex_decode_string hex_encode
    hll_cardinality hll_hash hll_merge hll_raw_agg hll_union hll_union_agg hour_from_unixtime hours_add
    hours_diff hours_sub initcap intersect_count iso_week isoweek jodatime_format json_each json_exists
    json_int json_query json_string last_value map map_keys map_size map_values max_by min_by
    minutes_add minutes_diff minutes_sub money_format months_add months_diff months_sub
    multi_distinct_count multi_distinct_sum murmur_hash3_32 named_struct ndv negative next_day
    ngram_search now null_or_empty parse_json parse_url percentile_approx positive previous_day
    quarters_add quarters_sub regexp regexp_count regexp_extract regexp_extract_all retention row
    seconds_add seconds_diff seconds_sub sequence_count sequence_match split split_by_string split_part
    square starts_with startswith str2date str_to_map strleft strright time_slice timestampdiff
    to_bitmap to_date to_days topn unnest url_decode url_encode week_iso weeks_add weeks_diff weeks_sub
    window_funnel xx_hash3_64 years_add years_diff years_sub
""")

ALLOWED: dict[SqlDialect, frozenset[str]] = {
    "mysql": _MYSQL,
    "tidb": _MYSQL | listed("approx_count_distinct approx_percentile"),
    "sqlite": _SQLITE,
    "starrocks": _STARROCKS,
    "doris": _STARROCKS,
}

# Words that stand before `(` and are no functions: clauses, operators, types.
SYNTAX = listed("""
    against all and anti any as between bigint binary bit blob boolean by case char character clob
    collate columns cross cube date datetime dec decimal distinct distinctrow div double else empty end
    enum error escape except exists filter fixed float from full glob group grouping having in index
    indexed inner int integer intersect interval is join key lateral left like limit match materialized
    mediumint member minus natural nchar nested not number numeric nvarchar of offset on or outer over
    partition passing path qualify range real recursive regexp return returns right rlike rollup row
    rows select semi separator set sets signed smallint some sounds straight_join text then time
    timestamp tinyint union unsigned using values varbinary varchar when where window with within xor
    year
""")

# Harmless functions of other databases: a model that writes one meant well, and may write it again.
FOREIGN = frozenset().union(*ALLOWED.values()) | listed("""
    age array_length array_to_string bool_and bool_or btrim cardinality charindex concat_agg
    current_setting date_bucket date_part dateadd datediff_big datefromparts datename datepart datetrunc
    decode div each_top_k eomonth epoch every extract_epoch filter format_date format_timestamp
    generate_date_array getdate getutcdate initcap isdate isnumeric json_agg json_build_object
    json_each_text jsonb_agg justify_days len listagg make_date make_interval make_timestamp mode now
    num_nonnulls numeric overlay parse_date patindex percentile pg_typeof quotename ratio_to_report
    regexp_matches regexp_split_to_array regr_slope replicate safe_cast safe_divide split_part
    split_to_table square str string_split string_to_array strpos stuff sysdatetime textjoin
    timestamp_trunc to_timestamp translate trunc try_cast try_convert tsrange unnest width_bucket
    wm_concat
""")

# Names that are refused with a reason of their own, in every dialect: keys of `TEXTS`, and whose they are.
_REASONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("function_waits", listed("""
        benchmark kdf master_gtid_wait master_pos_wait pg_sleep sleep source_pos_wait
        wait_for_executed_gtid_set wait_until_sql_thread_after_gtids
    """)),
    ("function_locks", listed("""
        get_lock is_free_lock is_used_lock release_all_locks release_lock service_get_read_locks
        service_get_write_locks service_release_locks
    """)),
    ("function_reads_files", listed("""
        fsdir hdfs http_stream load_file lsdir readfile sqlar_compress sqlar_uncompress writefile zipfile
    """)),
    ("function_tells_of_server", listed("""
        changes connection_id current_role current_user extractvalue found_rows gtid_subset gtid_subtract
        icu_version last_insert_rowid name_const ps_current_thread_id ps_thread_id roles_graphml row_count
        session_user sqlite_compileoption_get sqlite_compileoption_used sqlite_offset sqlite_source_id
        system_user total_changes updatexml user
    """)),
    ("function_sets", listed("last_insert_id nextval lastval setval")),
    ("function_runs_code", listed("eval fts3_tokenizer load_extension sys_eval sys_exec sys_get sys_set")),
)  # fmt: skip
DENIED: dict[str, str] = {name: reason for reason, names in _REASONS for name in names}
