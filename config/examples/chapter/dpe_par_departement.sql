-- Energy classes of dwellings by department, beside the income of its communes.
-- The department is in the first two characters of a commune's code, three overseas.
-- A median of medians is no median: incomes are the communes' medians weighted by households.
WITH logements AS (
    SELECT
        tv016_departement_code AS departement,
        count(*) AS logements,
        count(*) FILTER (WHERE classe_consommation_energie BETWEEN 'A' AND 'G') AS classes,
        count(*) FILTER (WHERE classe_consommation_energie IN ('F', 'G')) AS classes_fg,
        median(consommation_energie) AS consommation_mediane
    FROM dpe
    GROUP BY ALL
),

revenus AS (
    SELECT
        CASE WHEN CODGEO LIKE '97%' THEN left(CODGEO, 3) ELSE left(CODGEO, 2) END AS departement,
        sum(MED14 * NBMENFISC14) / sum(NBMENFISC14) FILTER (WHERE MED14 IS NOT NULL) AS revenu_moyen_pondere
    FROM filosofi
    GROUP BY ALL
)
SELECT
    d.code AS departement,
    d.nom,
    coalesce(l.logements, 0) AS logements,
    coalesce(l.classes_fg, 0) AS classes_fg,
    round(l.classes_fg / nullif(l.classes, 0), 4) AS part_fg,
    l.consommation_mediane,
    round(r.revenu_moyen_pondere, 0) AS revenu_moyen_pondere
FROM departements_insee AS d
LEFT JOIN logements AS l ON l.departement = d.code
LEFT JOIN revenus AS r ON r.departement = d.code
