-- Energy classes of dwellings by commune, beside FILOSOFI's median income.
-- Noise in the classes (N, S, 0 …) counts as no class.
WITH communes AS (
    SELECT
        code_insee_commune_actualise AS commune,
        count(*) AS logements,
        count(*) FILTER (WHERE classe_consommation_energie IN ('A', 'B')) AS classes_ab,
        count(*) FILTER (WHERE classe_consommation_energie IN ('C', 'D', 'E')) AS classes_cde,
        count(*) FILTER (WHERE classe_consommation_energie IN ('F', 'G')) AS classes_fg,
        median(consommation_energie) AS consommation_mediane
    FROM dpe
    GROUP BY ALL
)
SELECT
    commune,
    LIBGEO AS nom,
    logements,
    classes_ab,
    classes_cde,
    classes_fg,
    round(classes_fg / nullif(classes_ab + classes_cde + classes_fg, 0), 4) AS part_fg,
    consommation_mediane,
    MED14 AS revenu_median
FROM communes
LEFT JOIN filosofi ON CODGEO = commune
