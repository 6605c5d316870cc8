-- Dwellings by commune, the share of them in classes F and G, and FILOSOFI's median income.
-- The source's classes hold noise (N, S, 0 …), which counts as no class.
SELECT
    dpe.commune,
    any_value(filosofi.LIBGEO) AS nom,
    any_value(departements.nom) AS departement,
    count(*) AS logements,
    round(avg((classe IN ('F', 'G'))::INT) FILTER (classe BETWEEN 'A' AND 'G'), 4) AS part_fg,
    any_value(filosofi.MED14) AS revenu_median
FROM dpe
LEFT JOIN filosofi ON filosofi.CODGEO = dpe.commune
LEFT JOIN departements ON departements.code_insee = dpe.departement
GROUP BY dpe.commune
